import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import { compileLink, Link, type LinkFaults, whyNoLink } from "../helpers/network/link.ts";
import { sharedNetwork } from "../helpers/network/network.ts";
import { get } from "../helpers/network/network-client.ts";
import { sharedNetworkServer } from "../helpers/network/network-server.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const file = "firmware.bin";
const content = noise(500_000);
const blocks = Math.ceil(content.length / 1_468);
const host = "10.9.8.1";

const faults: Readonly<Record<string, LinkFaults>> = {
  "loss 2 %": { loss: 0.02 },
  "reordering 5 %": { reorder: 0.05 },
  "duplication 5 %": { duplicate: 0.05 },
  "all of them": { loss: 0.01, reorder: 0.03, duplicate: 0.03 },
  "a queue that holds half a window": { bitsPerSecond: 100e6, queueBytes: 48_000, oneWay: true },
};

const absent = networksAreAbsent() || (process.env["REQUIRE_CLIENTS"] !== "1" && whyNoLink() !== undefined);

describe.skipIf(absent)("a link with a round trip of 1 ms and faults", () => {
  describeOnEachTransport("blksize 1468", (transport) => {
    const directory = join(tmpdir(), `tftp-link-${randomUUID()}`);
    const network = sharedNetwork();
    let link: Link;
    beforeAll(async () => {
      mkdirSync(directory);
      link = await Link.open(compileLink(join(directory, "link")), [network.server, "l0"], [network.client, "l0"]);
      await network.server.addAddresses("l0", `${host}/24`);
      await network.client.addAddresses("l0", "10.9.8.9/24");
    });
    afterAll(() => rmSync(directory, { recursive: true }));
    const server = sharedNetworkServer(() => network.server, { transport, host: "0.0.0.0" }, { [file]: content });

    for (const windowSize of [1, 16, 64]) {
      test.each(Object.entries(faults))(
        `over a link with %s the file arrives, windowsize ${windowSize}`,
        async (_, fault) => {
          await link.set({ delayUs: 500, seed: 7, ...fault });
          // A machine that stands still makes the client ask again, and more comes twice; not three times in a row.
          let fewest = Infinity;
          for (let round = 0; round < 3 && fewest >= blocks; round++) {
            const since = server.lines.length;
            const result = await get(network.client, {
              host,
              file,
              blockSize: 1_468,
              windowSize,
              silenceMs: 300,
              maxMs: 30_000,
            });
            expect(result).toMatchObject({ sha256: sha256(content), bytes: content.length, windowSize });
            expect((await server.endOf(file, since)).outcome).toMatch(/^(complete|unconfirmed)$/);
            fewest = Math.min(fewest, result.duplicates);
          }
          await link.set({});
          // A loss costs a window at most.
          expect(fewest).toBeLessThan(blocks);
        },
      );
    }
  });
});
