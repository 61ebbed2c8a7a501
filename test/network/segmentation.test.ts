import { describe, expect, test } from "vitest";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import { type Family, type Network, sharedNetwork } from "../helpers/network/network.ts";
import { get } from "../helpers/network/network-client.ts";
import { sharedNetworkServer, startNetworkServer } from "../helpers/network/network-server.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { transports } from "../helpers/raw-transports.ts";

const file = "firmware.bin";
const content = noise(1_000_000);
const windowSize = 16;
/** Seconds until the server sends a window again, so that a retransmission tells of a refused send, not of a busy machine. */
const timeout = 5;

/** The kernel does not cut a window (UDP_SEGMENT) into blocks over the MTU: it refuses the call. */
const oversized: readonly (readonly [Family, number])[] = [
  ["IPv4", 1_472],
  ["IPv4", 8_192],
  ["IPv6", 1_468],
  ["IPv6", 8_192],
];

describe.skipIf(networksAreAbsent() || !transports.includes("native"))("windows over the MTU, native", () => {
  const network = sharedNetwork();

  test.each(oversized)(
    "%s, blksize %i over the MTU: the first window after a start arrives",
    async (family, blockSize) => {
      const host = network.ends[family].server;
      const server = await startNetworkServer(network.server, { transport: "native", host }, { [file]: content });
      const result = await get(network.client, { host, file, blockSize, windowSize, timeout });
      expect(result).toMatchObject({ sha256: sha256(content), blockSize });
      expect(await server.endOf(file)).toMatchObject({ outcome: "complete", retransmissions: 0 });
    },
  );

  describe("after such a client", () => {
    const { server: host } = network.ends.IPv4;
    sharedNetworkServer(() => network.server, { transport: "native", host }, { [file]: content });

    test("after a client with a narrow MTU, others still get each window in one send", async () => {
      const before = await packetsFor(network, 1_024);
      await packetsFor(network, 8_192);
      const after = await packetsFor(network, 1_024);
      // Segmentation hands a window to the interface as one packet.
      expect(before).toBeLessThan(content.length / 1_024 / 4);
      expect(after).toBeLessThan(before * 1.5);
    });
  });
});

/** How many packets the server's stack saw for one transfer. */
async function packetsFor(network: Network, blockSize: number): Promise<number> {
  const { server: host } = network.ends.IPv4;
  const stop = await network.server.filter("output", "udp sport != 69 counter");
  expect(await get(network.client, { host, file, blockSize, windowSize })).toMatchObject({ sha256: sha256(content) });
  const [packets = NaN] = await network.server.counted("output");
  await stop();
  return packets;
}
