import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { failureOf, ExporterClient } from "../helpers/jumpstarter/exporter-client.ts";
import { ExporterGround } from "../helpers/jumpstarter/exporter-ground.ts";
import { codeOf } from "../main/storage/fixtures.ts";

test("without the passphrase, or with another one, every call is refused as unauthenticated", async () => {
  const ground = new ExporterGround();
  const { address } = await ground.exporter().listen("0", { passphrase: "right" });
  expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
  for (const given of [undefined, "wrong", "righ", "right2"]) {
    const failure = await failureOf(ExporterClient.connect(address, undefined, given));
    expect(failure).toEqual({ code: 16, details: "invalid or missing passphrase" });
  }
  const client = await ExporterClient.connect(address, undefined, "right");
  expect(await client.call("storage", "exists", "a")).toBe(false);
});

test("several addresses share the drivers", async () => {
  const ground = new ExporterGround();
  const { exporter, client } = await ground.start();
  const { address } = await exporter.listen("0");
  await client.upload("a", Buffer.from("x"));
  const other = await ExporterClient.connect(address);
  expect(await other.call("storage", "exists", "a")).toBe(true);
});

test("a socket that a dead process left is replaced, and one that is answered, or a file, is not", async () => {
  const ground = new ExporterGround();
  const { exporter } = await ground.start();
  expect(await codeOf(ground.exporter().listen(`unix:${ground.socket}`))).toBe("ADDRESS_IN_USE");
  await exporter.close();
  const path = `${ground.directory}/private/file`;
  writeFileSync(path, "");
  expect(await codeOf(ground.exporter().listen(`unix:${path}`))).toBe("ADDRESS_IN_USE");
  await ground.start();
});

test.each(["", "unix:", "host", "1.2.3.4:70000", "http://x:1"])("the address %j is refused", async (address) => {
  expect(await codeOf(new ExporterGround().exporter().listen(address))).toBe("INVALID_OPTION");
});

test("drivers that are only lent stay open, and cannot be leased", async () => {
  const ground = new ExporterGround();
  const tftp = ground.tftp();
  const { exporter, client } = await ground.start({ tftp });
  await client.upload("a", Buffer.from("x"));
  const controller = { endpoint: "localhost:1", token: "t", namespace: "n", name: "m" };
  expect(await codeOf(exporter.connect(controller))).toBe("INVALID_OPTION");
  await exporter.close();
  expect(await tftp.storage.exists("a")).toBe(true);
  await tftp.close();
  expect(ground.files()).toEqual([]);
});
