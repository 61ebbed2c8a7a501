import { expect, test } from "vitest";
import type { Endpoint } from "../../../../src/contract/endpoint.ts";
import { bindTargets } from "../../../../src/worker/server/listening/bind-targets.ts";
import type { Target } from "../../../../src/worker/server/listening/plan.ts";
import type { BoundListener } from "../../../../src/worker/transport/transport.ts";

const spec = { kind: "all", text: "*" } as const;
const targets: Target[] = ["10.0.0.1", "10.0.0.2"].map((address) => ({ address, key: address, spec }));

/** Sockets on a machine where these endpoints are taken, and where the system gives out the ports from 5000 on. */
class Sockets {
  readonly open = new Set<string>();
  readonly #taken: ReadonlySet<string>;
  #next = 5_000;

  constructor(...taken: string[]) {
    this.#taken = new Set(taken);
  }

  readonly listen = async ({ address, port }: Endpoint): Promise<BoundListener> => {
    const bound = { address, port: port === 0 ? this.#next++ : port };
    const name = `${bound.address}:${bound.port}`;
    if (this.#taken.has(name)) throw Object.assign(new Error("bind EADDRINUSE"), { code: "EADDRINUSE" });
    this.open.add(name);
    const close = async (): Promise<void> => void this.open.delete(name);
    return { bound, reply: () => {}, share: () => undefined, close, resume: () => false };
  };
}

test("with port 0 another port is tried while the chosen one is taken on a later address", async () => {
  const sockets = new Sockets("10.0.0.2:5000", "10.0.0.2:5001");
  const bound = await bindTargets({ targets, port: 0, listen: sockets.listen, mayLack: () => false });
  expect([...bound.keys()]).toEqual(["10.0.0.1", "10.0.0.2"]);
  expect([...sockets.open]).toEqual(["10.0.0.1:5002", "10.0.0.2:5002"]);
});

test("with port 0 it is given up when too many ports were taken, and nothing stays bound", async () => {
  const sockets = new Sockets(...Array.from({ length: 100 }, (_, index) => `10.0.0.2:${5_000 + index}`));
  const binding = bindTargets({ targets, port: 0, listen: sockets.listen, mayLack: () => false });
  await expect(binding).rejects.toMatchObject({ code: "ADDRESS_IN_USE" });
  expect(sockets.open.size).toBe(0);
});

test("a port that was asked for is tried once; the error names the address, and nothing stays bound", async () => {
  const sockets = new Sockets("10.0.0.2:69");
  const binding = bindTargets({ targets, port: 69, listen: sockets.listen, mayLack: () => false });
  await expect(binding).rejects.toThrow("UDP port 69 of 10.0.0.2 is in use by another socket");
  expect(sockets.open.size).toBe(0);
});

test("an address that may be lacking is left out, and the port is that of the others", async () => {
  const sockets = new Sockets("10.0.0.1:5000");
  const request = { targets, port: 0, listen: sockets.listen };
  const bound = await bindTargets({ ...request, mayLack: ({ address }) => address === "10.0.0.1" });
  expect([...bound.keys()]).toEqual(["10.0.0.2"]);
});
