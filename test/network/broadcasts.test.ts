import { describe, expect, test } from "vitest";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import { LAN, sharedNetwork } from "../helpers/network/network.ts";
import { get } from "../helpers/network/network-client.ts";
import { sharedNetworkServer } from "../helpers/network/network-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const file = "hello.txt";
/** The request comes once. An answer is waited for as long as it takes. */
const answered = { file, silenceMs: 10_000, retries: 0 } as const;
const unanswered = { ...answered, silenceMs: 500 } as const;

describe.skipIf(networksAreAbsent())(
  "a request to an address that is not ours alone (RFC 1123 section 4.2.3.5)",
  () => {
    const hosts = [
      ["0.0.0.0", ["10.9.0.255", "255.255.255.255", "224.0.0.1"]],
      ["::", ["10.9.0.255", "255.255.255.255", "224.0.0.1", `ff02::1%${LAN}`]],
    ] as const;

    describe.each(hosts)("the server is bound to %s", (bound, targets) => {
      describeOnEachTransport("transport", (transport) => {
        const network = sharedNetwork();
        const server = sharedNetworkServer(() => network.server, { transport, host: bound }, { [file]: "hello\n" });

        test.each(targets)("a request to %s draws nothing, and is counted if it arrived", async (host) => {
          await network.client.run("ip", "route", "replace", "default", "dev", LAN);
          const before = await server.counters();
          const result = await get(network.client, { ...unanswered, host, broadcast: !host.includes(":") });
          expect(result).toMatchObject({ error: "the server fell silent", bytes: 0, strangers: [] });
          const after = await server.counters();
          // Linux hands IPv4 multicasts to no IPv6 socket that has not joined the group.
          const unheard = bound === "::" && host === "224.0.0.1";
          expect(total(after.dropped) - total(before.dropped)).toBe(unheard ? 0 : 1);
          expect(after.requests).toBe(before.requests);
        });

        test("a request to the server's own address is answered", async () => {
          expect(await get(network.client, { ...answered, host: network.ends.IPv4.server })).toMatchObject({
            bytes: 6,
          });
        });
      });
    });
  },
);

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count);
}
