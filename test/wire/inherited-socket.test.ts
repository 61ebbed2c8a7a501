import { closeSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Tftp, type TftpOptions } from "../../src/index.ts";
import { fetchFile } from "../../src/main/client/tftp-client.ts";
import { describeOnEachTransport, transports } from "../helpers/raw-transports.ts";
import { unreadSocket } from "../helpers/unread-socket.ts";

const rootDir = mkdtempSync(join(tmpdir(), "tftp-inherited-"));
beforeAll(() => writeFileSync(join(rootDir, "hello.txt"), "hello\n"));
afterAll(() => rmSync(rootDir, { recursive: true, force: true }));

describeOnEachTransport("an inherited socket", (transport) => {
  // Without koffi there is nothing to make one with.
  if (!transports.includes("native")) return;

  test.each(["127.0.0.1", "0.0.0.0", "::"])(
    "bound to %s is served, start after start, and stays open",
    async (address) => {
      const { descriptor, port, libc } = await unreadSocket(address);
      const tftp = open({ transport, socketFd: descriptor });
      for (let round = 0; round < 2; round++) {
        expect(await tftp.start()).toMatchObject({ host: address, port });
        expect(await fetched(port)).toBe("hello\n");
        await tftp.stop();
      }
      expect(libc.getOption(descriptor, 1, 3)).toBe(2);
    },
  );

  test("a request that arrived before the start is answered", async () => {
    const { descriptor, port } = await unreadSocket("0.0.0.0");
    const early = fetched(port);
    const tftp = open({ transport, socketFd: descriptor });
    await tftp.start();
    expect(await early).toBe("hello\n");
  });

  test("a socket of TCP is refused", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { fd } = (server as unknown as { _handle: { fd: number } })["_handle"];
    await expect(open({ transport, socketFd: fd }).start()).rejects.toMatchObject({
      code: "START_FAILED",
      message: expect.stringContaining(`socketFd: expected the descriptor of a bound UDP socket, got ${fd}: `),
    });
  });

  test("a descriptor that was closed, and is another socket by now, is not served on", async () => {
    const { descriptor, libc } = await unreadSocket("127.0.0.1");
    const other = await unreadSocket("127.0.0.1");
    const copy = libc.copy(descriptor);
    const tftp = open({ transport, socketFd: copy });
    libc.duplicate(other.descriptor, copy);
    onTestFinished(() => libc.close(copy));
    await expect(tftp.start()).rejects.toMatchObject({
      code: "START_FAILED",
      message: expect.stringContaining("not open any more"),
    });
  });
});

test("a descriptor that is no socket is refused at once", () => {
  const file = openSync("/dev/null", "r");
  onTestFinished(() => closeSync(file));
  expect(() => new Tftp({ socketFd: file })).toThrow(
    `socketFd: expected the descriptor of an open socket, got ${file}`,
  );
  expect(() => new Tftp({ socketFd: -1 })).toThrow("socketFd: expected a whole number from 0 to 2147483647, got -1");
});

function open(options: TftpOptions): Tftp {
  const tftp = new Tftp({ rootDir, journal: false, ...options });
  onTestFinished(() => tftp.close());
  return tftp;
}

async function fetched(port: number): Promise<string> {
  const got: Buffer[] = [];
  await fetchFile({ host: "127.0.0.1", port, file: "hello.txt", onData: (data) => got.push(data) });
  return Buffer.concat(got).toString();
}
