import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Cli } from "../../helpers/cli.ts";
import { makeCertificate } from "../../helpers/jumpstarter/certificate.ts";
import { ExporterGround } from "../../helpers/jumpstarter/exporter-ground.ts";
import { FakeController } from "../../helpers/jumpstarter/fake-controller.ts";
import { SseReader } from "../../helpers/sse.ts";

interface Seen {
  readonly exporter: readonly { readonly text: string }[];
  readonly results: readonly { readonly what: string; readonly client?: string }[];
}

test("the dashboard and the metrics of an exporter show who holds the lease, and what the client has uploaded", async () => {
  const { controller, exporter, urls } = await start();
  const page = await SseReader.open(`${urls.dashboard}events`);
  const lines = (): string[] => (page.events.at(-1)?.data as Seen | undefined)?.exporter.map(({ text }) => text) ?? [];
  await expect.poll(lines).toEqual(["not leased", `controller ${controller.endpoint}: registered`]);
  controller.lease("board-1-x");
  await expect.poll(() => lines()[0]).toMatch(/^leased by tester since .*: lease board-1-x$/);
  const client = await controller.client();
  await client.upload("zImage", Buffer.alloc(1_000));
  await client.call("tftp", "start");
  const results = (): string[] =>
    page.events.flatMap(({ data }) =>
      (data as unknown as Seen).results.map(({ what, client: whose }) => `${what} ${whose}`),
    );
  await expect.poll(results).toContain("upload tester");
  const metrics = await (await fetch(urls.metrics)).text();
  expect(metrics).toContain("tftp_exporter_leased 1");
  expect(metrics).toContain('tftp_exporter_files_total{direction="upload",result="complete"} 1');
  expect(metrics).toContain('tftp_up{driver="tftp"} 1');
  expect(await (await fetch(urls.health)).json()).toEqual({ healthy: true, leased: true });
  controller.lease(undefined);
  await expect.poll(() => lines()[0]).toBe("not leased");
  controller.lease("board-1-y");
  const next = await controller.client();
  await next.call("tftp", "start");
  expect(await (await fetch(urls.metrics)).text()).toContain('tftp_up{driver="tftp"} 1');
  exporter.process.kill("SIGTERM");
  expect(await exporter.end()).toBe(0);
});

test("an exporter without its controller is not healthy", async () => {
  const { controller, urls } = await start();
  expect((await fetch(urls.health)).status).toBe(200);
  controller.stop();
  await expect.poll(async () => (await fetch(urls.health)).status).toBe(503);
  expect(await (await fetch(urls.health)).json()).toEqual({ healthy: false, reason: "the controller is lost" });
});

test("with --json every event is a line from the first on, though no server is listening", async () => {
  const { exporter } = await start();
  const [line = ""] = await exporter.lines(1);
  expect(JSON.parse(line)).toMatchObject({ type: "controller", state: "registered" });
});

/** A connected exporter in a process of its own, with everything to look at that it has. */
async function start() {
  const ground = new ExporterGround();
  const { cert, key } = makeCertificate(ground.directory);
  const controller = await FakeController.start(cert, key);
  const file = join(ground.directory, "board.yaml");
  const config = { root_dir: ground.root, host: "127.0.0.1", port: 0, journal: false };
  const content = {
    apiVersion: "jumpstarter.dev/v1alpha1",
    kind: "ExporterConfig",
    metadata: { namespace: "lab", name: "board-1" },
    endpoint: controller.endpoint,
    token: "t",
    tls: { ca: cert.toString("base64") },
    export: { tftp: { type: "jumpstarter_driver_tftp.driver.Tftp", config } },
  };
  writeFileSync(file, JSON.stringify(content));
  const exporter = new Cli(["export", file, "--json", "--open-ui", "0", "--metrics-port", "0"]);
  const patterns = { dashboard: /dashboard: (\S+)/, metrics: /metrics: (\S+),/, health: /health: (\S+)/ };
  const find = (pattern: RegExp): string => pattern.exec(exporter.stderr)?.[1] ?? "";
  await expect.poll(() => find(patterns.health), { timeout: 60_000 }).not.toBe("");
  await expect.poll(() => controller.calls).toContain("AVAILABLE");
  const urls = { dashboard: find(patterns.dashboard), metrics: find(patterns.metrics), health: find(patterns.health) };
  return { ground, controller, exporter, urls };
}
