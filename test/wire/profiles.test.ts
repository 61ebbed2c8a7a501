import { expect, test } from "vitest";
import type { ProfileName, Rule, TftpOptions } from "../../src/index.ts";
import { download } from "../helpers/raw-download.ts";
import { ack, error } from "../helpers/raw-packets.ts";
import { sharedServer, startServer, type TestServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const long = "x".repeat(4_000);
const files = {
  "config.txt": "common",
  "start4.elf": "firmware",
  "d9780558/config.txt": "own",
  "Boot/BCD": long,
  "XmlDefault.cnf.xml": "<a>\n</a>\n",
  "boot/grubx64.efi": long,
  Image: long,
};

async function fetch(server: TestServer, name: string): Promise<string> {
  return (await download(await server.client(), name)).content.toString();
}

/** As WDS's clients send it, with the size of the next window behind it. */
function windowAck(block: number, size: number): Buffer {
  return Buffer.concat([ack(block), Buffer.of(size)]);
}

describeOnEachTransport("profiles", (transport) => {
  const serve = (profile: ProfileName, options: TftpOptions = {}): Promise<TestServer> =>
    startServer({ transport, rules: { profile }, ...options }, files);
  const shared = sharedServer({ transport }, files);
  /** For tests that look at replies alone: from then on that rule holds, and no other. */
  const change = async (rules: Rule): Promise<TestServer> => {
    await shared.tftp.reconfigure({ rules });
    return shared;
  };

  test("a Raspberry Pi gets the file of its serial number, or else the common one", async () => {
    const server = await change({ profile: "raspberry-pi" });
    expect(await fetch(server, "d9780558/config.txt")).toBe("own");
    expect(await fetch(server, "d9780558/start4.elf")).toBe("firmware");
    expect(await fetch(server, "config.txt")).toBe("common");
    expect(await (await server.client()).ask("d9780558/missing")).toMatchObject({ kind: "error", code: 1 });
    expect(await (await server.client()).ask("boards/start4.elf")).toMatchObject({ kind: "error", code: 1 });
  });

  test("a Raspberry Pi that is slow to answer gets no block twice within 0.7 s", async () => {
    const server = await serve("raspberry-pi", { retransmitMs: 50 });
    const client = await server.client();
    const options = [
      ["tsize", "0"],
      ["blksize", "1024"],
    ] as const;
    expect(await client.ask("d9780558/start4.elf", { options })).toMatchObject({ kind: "oack" });
    await client.expectNothing(700);
    await client.send(ack(0));
    await client.expectBlocks(1);
    await client.expectNothing(700);
  });

  test("Windows PE sets the size of each window if maxWindowSize leaves room for 255 blocks", async () => {
    const server = await serve("windows-pe", { maxWindowSize: 255 });
    const client = await server.client();
    const options = [
      ["tsize", "0"],
      ["blksize", "512"],
      ["windowsize", "4"],
      ["msftwindow", "31416"],
    ] as const;
    expect(await client.ask("\\Boot\\BCD", { options })).toMatchObject({
      options: { tsize: "4000", blksize: "512", windowsize: "4", msftwindow: "27182" },
    });
    await client.send(windowAck(0, 1));
    const blocks = await client.expectBlocks(1);
    await client.send(windowAck(1, 3));
    blocks.push(...(await client.expectBlocks(2, 3, 4)));
    await client.send(windowAck(4, 255));
    blocks.push(...(await client.expectBlocks(5, 6, 7, 8)));
    await client.send(windowAck(8, 9));
    expect(Buffer.concat(blocks).toString()).toBe(long);
    expect(await server.endOf(client)).toMatchObject({ outcome: "complete", retransmissions: 0 });
  });

  test("Windows PE that asks for msftwindow alone, which is not granted, gets its file in lock-step", async () => {
    const server = await serve("windows-pe");
    const client = await server.client();
    expect(await client.ask("\\Boot\\BCD", { options: [["msftwindow", "31416"]] })).toMatchObject({ block: 1 });
    await client.send(windowAck(1, 4));
    await client.expectBlocks(2);
    await client.expectNothing();
  });

  test("Windows PE is served in spite of backslashes, case, msftwindow and longer ACKs", async () => {
    // One less than msftwindow can ask for.
    const server = await serve("windows-pe", { maxWindowSize: 254 });
    const client = await server.client();
    const options = [
      ["tsize", "0"],
      ["blksize", "1456"],
      ["windowsize", "4"],
      ["msftwindow", "31416"],
    ] as const;
    expect(await client.ask("\\BOOT\\bcd", { options })).toMatchObject({
      options: { tsize: "4000", blksize: "1456", windowsize: "4" },
    });
    await client.send(windowAck(0, 9));
    const blocks = await client.expectBlocks(1, 2, 3);
    await client.send(windowAck(3, 9));
    expect(Buffer.concat(blocks).toString()).toBe(long);
    expect(await server.endOf(client)).toMatchObject({ file: "BOOT/bcd", outcome: "complete" });
  });

  test("Windows PE is known by an option that it asks for, which is not granted", async () => {
    const server = await change({ options: "msftwindow", profile: "windows-pe" });
    const options = [
      ["msftwindow", "31416"],
      ["tsize", "0"],
    ] as const;
    const reply = await (await server.client()).ask("\\BOOT\\bcd", { options });
    expect(reply).toMatchObject({ kind: "oack", options: { tsize: "4000" } });
    expect(reply.kind === "oack" && Object.keys(reply.options)).toEqual(["tsize"]);
    expect(await (await server.client()).ask("\\BOOT\\bcd", { options: options.slice(1) })).toMatchObject({ code: 1 });
  });

  test("an old U-Boot gets lock-step, one packet a block, and no fixed time-out", async () => {
    const server = await change({ profile: "u-boot-old" });
    const client = await server.client();
    const options = [
      ["timeout", "5"],
      ["blksize", "4096"],
      ["windowsize", "16"],
    ] as const;
    const reply = await client.ask("Image", { options });
    expect(reply).toMatchObject({ kind: "oack", options: { blksize: "1468", windowsize: "1" } });
    expect(reply.kind === "oack" && Object.keys(reply.options)).toEqual(["blksize", "windowsize"]);
    await client.send(ack(0));
    await client.expectBlocks(1);
  });

  test("a profile holds for virtual files, too, by the name that was asked for and by one that a rule made", async () => {
    const server = await serve("u-boot-old", { rules: { match: "{a,b}", to: "b", profile: "u-boot-old" } });
    await server.tftp.addFile("a", long).ready;
    for (const name of ["a", "b"]) {
      const client = await server.client();
      const options = [["blksize", "4096"]] as const;
      if (name === "b") await server.tftp.addFile("b", () => long).ready;
      expect(await client.ask(name, { options })).toMatchObject({ options: { blksize: "1468" } });
    }
    await server.tftp.reconfigure({ rules: { match: "a", deny: "no" } });
    const options = [["blksize", "4096"]] as const;
    expect(await (await server.client()).ask("a", { options })).toMatchObject({ options: { blksize: "4096" } });
  });

  test("a Cisco phone gets its file in netascii, whatever the case", async () => {
    const server = await change({ profile: "cisco" });
    const client = await server.client();
    const { content } = await download(client, "XMLDefault.cnf.xml", { mode: "netascii" });
    expect(content.toString()).toBe("<a>\r\n</a>\r\n");
  });

  test("EDK2 asks for the size, then for the file, by a name with a byte 255 behind it", async () => {
    const server = await serve("edk2");
    const name = Buffer.from("BOOT/GRUBX64.EFI\xff", "latin1");
    const asking = await server.client();
    const options = [
      ["tsize", "0"],
      ["blksize", "8192"],
      ["windowsize", "4"],
    ] as const;
    expect(await asking.ask(name, { options })).toMatchObject({ options: { tsize: "4000", blksize: "1468" } });
    await asking.send(error(8, "User aborted the transfer"));
    expect(await server.endOf(asking)).toMatchObject({ outcome: "size-query" });
    const client = await server.client();
    await client.ask(name, { options: options.slice(1) });
    await client.send(ack(0));
    expect(Buffer.concat(await client.expectBlocks(1, 2, 3)).toString()).toBe(long);
    await client.send(ack(3));
    await server.endOf(client);
  });

  test("what a rule says itself holds against its profile", async () => {
    const server = await startServer({ transport, rules: { profile: "windows-pe", caseInsensitive: false } }, files);
    expect(await (await server.client()).ask("CONFIG.TXT")).toMatchObject({ kind: "error", code: 1 });
  });
});
