import { expect, onTestFinished, test } from "vitest";
import { Registry } from "prom-client";
import { collectExporterMetrics } from "../../../src/metrics.ts";
import { makeCertificate } from "../../helpers/jumpstarter/certificate.ts";
import { failureOf } from "../../helpers/jumpstarter/exporter-client.ts";
import { ExporterGround } from "../../helpers/jumpstarter/exporter-ground.ts";
import { FakeController } from "../../helpers/jumpstarter/fake-controller.ts";

/** A connected exporter, by TLS. */
async function connect() {
  const ground = new ExporterGround();
  const { cert, key } = makeCertificate(ground.directory);
  const controller = await FakeController.start(cert, key);
  const exporter = ground.exporter();
  const registry = new Registry();
  collectExporterMetrics(exporter, { registry });
  const { endpoint } = controller;
  const identity = { endpoint, token: "t", namespace: "lab", name: "board-1", tls: { ca: cert } };
  const connected = await exporter.connect(identity);
  onTestFinished(() => connected.close());
  await expect.poll(() => controller.calls).toEqual(["register", "AVAILABLE"]);
  return { ground, controller, registry, cert, key };
}

function leaseEvents(ground: ExporterGround): string[] {
  const kinds = ground.events.map((event) =>
    event.type === "lease-started" || event.type === "lease-ended" ? `${event.type} ${event.lease}` : "",
  );
  return kinds.filter((kind) => kind !== "");
}

test("a lease that flaps leaves nothing, is never on twice, and the last word counts", async () => {
  const { ground, controller, registry } = await connect();
  for (let turn = 0; turn < 40; turn++) controller.lease(turn % 2 === 0 ? `lease-${turn}` : undefined);
  controller.lease("last");
  const kinds = await expectLast(ground, "lease-started last");
  const borders = kinds.map((kind) => kind.split(" ")[0]);
  expect(borders).toEqual(borders.map((_kind, at) => (at % 2 === 0 ? "lease-started" : "lease-ended")));
  expect(await registry.metrics()).toContain("tftp_exporter_leased 1");
  controller.lease(undefined);
  await expectLast(ground, "lease-ended last");
  expect(ground.files()).toEqual([]);
  expect(await registry.metrics()).toContain("tftp_exporter_leased 0");
});

test("a lease that another one steals in the middle of an upload leaves nothing of it", async () => {
  const { ground, controller } = await connect();
  controller.lease("mine");
  await expect.poll(() => controller.calls.at(-1)).toBe("LEASE_READY");
  const client = await controller.client();
  const fd = (await client.call("storage", "open", "zImage", "wb")) as string;
  const stream = await client.stream("storage");
  const write = client.call("storage", "file_write", fd, stream.handle);
  write.catch(() => {});
  stream.send(Buffer.alloc(65_536, 7));
  await expect.poll(() => ground.files()).not.toEqual([]);
  controller.lease("stolen");
  expect((await failureOf(write)).code).toBeGreaterThan(0);
  await expectLast(ground, "lease-started stolen");
  expect(ground.files()).toEqual([]);
  const other = await controller.client();
  await other.upload("kernel", Buffer.from("x"));
  expect(ground.files()).toEqual(["kernel"]);
});

test("a router that resets its streams breaks the connections, and the next client is served", async () => {
  const { ground, controller } = await connect();
  controller.lease("a");
  await expect.poll(() => controller.calls.at(-1)).toBe("LEASE_READY");
  const client = await controller.client();
  await client.upload("kernel", Buffer.from("x"));
  controller.resetRouter();
  expect((await failureOf(client.call("storage", "exists", "kernel"))).code).toBeGreaterThan(0);
  const other = await controller.client();
  expect(await other.call("storage", "exists", "kernel")).toBe(true);
  expect(leaseEvents(ground)).toEqual(["lease-started a"]);
});

test("a Status stream and a Listen that are lost in a lease are opened again, and the lease goes on", async () => {
  const { ground, controller } = await connect();
  controller.lease("a");
  await expect.poll(() => controller.calls.at(-1)).toBe("LEASE_READY");
  controller.dropStreams();
  await expect.poll(() => controller.calls.filter((call) => call === "listen")).toHaveLength(2);
  await expect.poll(() => controller.calls.filter((call) => call === "LEASE_READY")).toHaveLength(2);
  const client = await controller.client();
  expect(await client.call("storage", "exists", "kernel")).toBe(false);
  expect(leaseEvents(ground)).toEqual(["lease-started a"]);
  controller.lease(undefined);
  await expectLast(ground, "lease-ended a");
});

test("a controller that restarts, and has forgotten the lease, ends it by that, and leases the exporter again", async () => {
  const { ground, controller, cert, key } = await connect();
  controller.lease("a");
  await expect.poll(() => controller.calls.at(-1)).toBe("LEASE_READY");
  controller.stop();
  const again = await FakeController.start(cert, key, controller.port);
  await expectLast(ground, "lease-ended a");
  await expect.poll(() => again.calls.includes("AVAILABLE")).toBe(true);
  again.lease("b");
  await expectLast(ground, "lease-started b");
  expect(ground.files()).toEqual([]);
});

test("a controller that is killed in an upload, is gone for some tries, and comes back, finds the lease as it was", async () => {
  const { ground, controller, registry, cert, key } = await connect();
  controller.lease("a");
  await expect.poll(() => controller.calls.at(-1)).toBe("LEASE_READY");
  const client = await controller.client();
  await client.upload("kernel", Buffer.from("x"));
  const fd = (await client.call("storage", "open", "zImage", "wb")) as string;
  const stream = await client.stream("storage");
  const write = client.call("storage", "file_write", fd, stream.handle);
  write.catch(() => {});
  stream.send(Buffer.alloc(65_536, 7));
  await expect.poll(() => ground.files().length).toBe(2);
  controller.stop();
  expect((await failureOf(write)).code).toBeGreaterThan(0);
  await expect.poll(() => ground.files()).toEqual(["kernel"]);
  const states = (): string[] => ground.events.flatMap((event) => (event.type === "controller" ? [event.state] : []));
  await expect.poll(() => states().filter((state) => state === "lost").length).toBeGreaterThanOrEqual(3);
  expect(await registry.metrics()).toContain("tftp_exporter_registered 0");
  const again = await FakeController.start(cert, key, controller.port, "a");
  await expect.poll(() => states().at(-1)).toBe("reconnected");
  expect(await registry.metrics()).toContain("tftp_exporter_registered 1");
  const next = await again.client();
  expect(await next.call("storage", "exists", "kernel")).toBe(true);
  expect(leaseEvents(ground)).toEqual(["lease-started a"]);
  again.lease(undefined);
  await expectLast(ground, "lease-ended a");
  expect(ground.files()).toEqual([]);
});

/** Resolves with all of them, once that one is the last. */
async function expectLast(ground: ExporterGround, kind: string): Promise<string[]> {
  await expect.poll(() => leaseEvents(ground).at(-1)).toBe(kind);
  return leaseEvents(ground);
}
