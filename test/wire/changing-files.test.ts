import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RawClient } from "../helpers/raw-client.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack, type Packet } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

// Larger than anything that is read ahead: what happens to the file in mid-transfer must show.
const size = 16 << 20;
const options = [["blksize", "32768"]] as const;

describeOnEachTransport("a file that changes during its transfer", (transport) => {
  const old = noise(size);
  const server = sharedServer({ transport, readAheadBytes: 1 << 20 });

  test("a file that is replaced during its transfer arrives with its old content to the end", async () => {
    server.write({ "image.bin": old, "image.new": noise(size, 2) });
    const client = await server.client();
    const { content } = await download(client, "image.bin", {
      options,
      onBlock: (block) => {
        if (block === 3) renameSync(join(server.root, "image.new"), join(server.root, "image.bin"));
      },
    });
    expect(content.equals(old)).toBe(true);
    const later = await server.client();
    expect((await download(later, "image.bin", { options })).content.equals(noise(size, 2))).toBe(true);
  });

  test("a file that is removed during its transfer arrives whole", async () => {
    server.write({ "gone.bin": old });
    const client = await server.client();
    const { content } = await download(client, "gone.bin", {
      options,
      onBlock: (block) => {
        if (block === 3) rmSync(join(server.root, "gone.bin"));
      },
    });
    expect(content.equals(old)).toBe(true);
  });

  test.each<[how: string, change: (path: string) => void]>([
    ["grows", (path) => appendFileSync(path, "more")],
    ["is overwritten in place", (path) => overwrite(path, noise(size, 2))],
    ["is truncated and written anew, to the same size", (path) => writeFileSync(path, noise(size, 2))],
    ["gets one other byte at its start, which was sent already", (path) => overwrite(path, Buffer.of(0))],
  ])("one that %s draws ERROR 0, outcome failed", async (_, change) => {
    server.write({ "written.bin": old });
    const client = await server.client();
    await client.request("written.bin", { options });
    await client.send(ack(0));
    await client.expectBlocks(1);
    change(join(server.root, "written.bin"));
    await expectFailure(client, 1);
  });

  test.each([2_000, 1_024, 512])(
    "a file of %i bytes, all in memory, that is written to before its last block draws ERROR 0 in place of that block",
    async (length) => {
      server.write({ "small.bin": noise(length) });
      const client = await server.client();
      await client.request("small.bin", { options: [["tsize", "0"]] });
      await client.send(ack(0));
      await client.expectBlocks(1);
      overwrite(join(server.root, "small.bin"), Buffer.from("other"));
      const blocks = Math.floor(length / 512);
      for (let block = 1; block < blocks; block++) {
        await client.send(ack(block));
        await client.expectBlocks(block + 1);
      }
      await client.send(ack(blocks));
      expect(await client.receivePacket()).toMatchObject({ kind: "error", code: 0 });
      expect(await server.endOf(client)).toMatchObject({ outcome: "failed", cause: { name: "FileChanged" } });
    },
  );

  test("a file that changes while several transfers read it from memory is delivered by none of them", async () => {
    server.write({ "shared.bin": noise(3_000) });
    const clients = await Promise.all([1, 2, 3].map(() => server.client()));
    for (const client of clients) {
      await client.request("shared.bin");
      await client.send(ack(1));
      await client.expectBlocks(2);
    }
    appendFileSync(join(server.root, "shared.bin"), "more");
    for (const client of clients) {
      for (const block of [2, 3, 4]) {
        await client.send(ack(block));
        await client.expectBlocks(block + 1);
      }
      await client.send(ack(5));
      expect(await client.receivePacket()).toMatchObject({ kind: "error", code: 0 });
    }
  });

  test("a file whose name and mode change during its transfer arrives whole", async () => {
    server.write({ "renamed.bin": old });
    const client = await server.client();
    const { content } = await download(client, "renamed.bin", {
      options,
      onBlock: (block) => {
        if (block === 3) renameSync(join(server.root, "renamed.bin"), join(server.root, "moved.bin"));
        if (block === 4) chmodSync(join(server.root, "moved.bin"), 0o640);
      },
    });
    expect(content.equals(old)).toBe(true);
  });

  test("a changing file that a handler names by its path draws ERROR 0, too", async () => {
    server.write({ "named.bin": old });
    await server.tftp.addFile("by-handler", () => ({ path: "named.bin" })).ready;
    const client = await server.client();
    await client.request("by-handler", { options });
    await client.send(ack(0));
    await client.expectBlocks(1);
    overwrite(join(server.root, "named.bin"), Buffer.of(1));
    await expectFailure(client, 1);
  });

  async function expectFailure(client: RawClient, from: number): Promise<void> {
    const last = await followToTheEnd(client, from);
    expect(last).toMatchObject({ kind: "error", code: 0, terminated: true });
    const event = await server.endOf(client);
    expect(event).toMatchObject({ outcome: "failed", total: size });
    expect(event.bytes).toBeLessThan(size);
    await client.expectNothing();
  }

  // One length in the middle of a block, and one on a border, where the end would look like a good one.
  test.each([8_000_000, 8 << 20, 0])(
    "a file that shrinks to %i bytes during its transfer draws ERROR 0, outcome failed",
    async (length) => {
      server.write({ "shrunk.bin": old });
      const client = await server.client();
      await client.request("shrunk.bin", { options });
      await client.send(ack(0));
      await client.expectBlocks(1);
      truncateSync(join(server.root, "shrunk.bin"), length);
      await expectFailure(client, 1);
    },
  );
});

const hasProc = existsSync("/proc/self/status");

describeOnEachTransport("a file whose size the system does not know", (transport) => {
  const server = sharedServer({ transport, symlinks: "follow" });

  test.runIf(hasProc)("a file of /proc, whose size is 0 by stat, arrives whole, without tsize", async () => {
    symlinkSync("/proc/cpuinfo", join(server.root, "cpuinfo"));
    await server.tftp.addFile("version", { path: "/proc/version" }).ready;
    for (const [name, path] of [
      ["cpuinfo", "/proc/cpuinfo"],
      ["version", "/proc/version"],
    ] as const) {
      const asked = [["tsize", "0"] as const, ["blksize", "600"] as const];
      const { content, granted } = await download(await server.client(), name, { options: asked });
      // Its clock rates change from one look to the next.
      expect(withoutNumbers(content)).toBe(withoutNumbers(readFileSync(path)));
      expect(granted).toEqual({ blksize: "600" });
    }
  });

  test("an empty file arrives empty, with a tsize of 0", async () => {
    server.write({ empty: "" });
    const { content, granted } = await download(await server.client(), "empty", { options: [["tsize", "0"]] });
    expect(content.length).toBe(0);
    expect(granted).toEqual({ tsize: "0" });
  });

  test.runIf(existsSync("/sys/kernel/mm/transparent_hugepage/enabled"))(
    "a file of /sys, which is shorter than the system says, draws ERROR 0",
    async () => {
      symlinkSync("/sys/kernel/mm/transparent_hugepage/enabled", join(server.root, "sys"));
      const client = await server.client();
      expect(await client.ask("sys")).toMatchObject({ kind: "error", code: 0 });
    },
  );
});

function withoutNumbers(content: Buffer): string {
  return content.toString().replace(/\d+/g, "0");
}

/** Writes at the start of the file, and leaves its size as it is unless there is more. */
function overwrite(path: string, bytes: Buffer): void {
  const fd = openSync(path, "r+");
  writeSync(fd, bytes, 0, bytes.length, 0);
  closeSync(fd);
}

/** Acknowledges full blocks until something else comes. */
async function followToTheEnd(client: RawClient, from: number): Promise<Packet> {
  for (let block = from; ; block++) {
    await client.send(ack(block));
    const packet = await client.receivePacket();
    if (packet.kind !== "data" || packet.payload.length < 32_768) return packet;
  }
}
