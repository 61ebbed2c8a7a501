import { describe, expect, onTestFinished, test } from "vitest";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import { type Network, sharedNetwork } from "../helpers/network/network.ts";
import { get } from "../helpers/network/network-client.ts";
import { startNetworkServer } from "../helpers/network/network-server.ts";
import { transports } from "../helpers/raw-transports.ts";

const files = { "hello.txt": "hello\n" };
/** What a start may take over one with a working loopback interface, in ms. */
const ALLOWED = 2_500;
/** A busy machine may delay one start or another, but not each. */
const ATTEMPTS = 3;

/** What users get: its self-test sends over loopback. And the one that needs none. */
const choices = ["auto", "dgram"] as const;
type Choice = (typeof choices)[number];

describe.skipIf(networksAreAbsent()).each(choices)("a start without a working loopback interface, %s", (transport) => {
  const network = sharedNetwork();

  test.each(["drop", "reject"])(
    "with loopback filtered (%s), the server starts without delay, and serves",
    async (how) => {
      const usual = await start(network, transport);
      onTestFinished(await network.server.filter("output", `oifname lo ${how}`));
      await expectAsSoon(network, transport, usual);
    },
  );

  test("with loopback down, the server starts without delay, and serves", async () => {
    const usual = await start(network, transport);
    await network.server.run("ip", "link", "set", "lo", "down");
    onTestFinished(async () => void (await network.server.run("ip", "link", "set", "lo", "up")));
    await expectAsSoon(network, transport, usual);
  });
});

describe.skipIf(networksAreAbsent())("a link-local address", () => {
  const network = sharedNetwork();

  test.each(["fe80::1", "fe80::1%absent"])(
    "a start on the link-local address %s: the error names the zone",
    async (host) => {
      await expect(startNetworkServer(network.server, { host }, files)).rejects.toThrow(/zone|interface/);
    },
  );
});

interface Start {
  /** Until it listened, in ms. */
  readonly ms: number;
  readonly warnings: string;
}

async function expectAsSoon(network: Network, transport: Choice, usual: Start): Promise<void> {
  let best = await start(network, transport);
  for (let attempt = 1; attempt < ATTEMPTS && best.ms > usual.ms + ALLOWED; attempt++) {
    const again = await start(network, transport);
    if (again.ms < best.ms) best = again;
  }
  expect(best.ms).toBeLessThan(usual.ms + ALLOWED);
  // It falls back to dgram, and says what it saw.
  const fallsBack = transport === "auto" && transports.includes("native");
  expect(best.warnings).toMatch(fallsBack ? /loopback/ : /^/);
}

/** Starts a server that has to serve, and closes it again. */
async function start(network: Network, transport: Choice): Promise<Start> {
  const { server: host } = network.ends.IPv4;
  const before = performance.now();
  const server = await startNetworkServer(network.server, { transport, host }, files);
  const ms = performance.now() - before;
  expect(await get(network.client, { host, file: "hello.txt" })).toMatchObject({ bytes: 6 });
  const warnings = JSON.stringify(server.lines.filter(({ type }) => type === "warning"));
  await server.close();
  return { ms, warnings };
}
