import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { quietPort } from "../../helpers/quiet-port.ts";
import { fetchFile, type FetchRequest } from "../../../src/main/client/tftp-client.ts";

type Reply = (...packets: Buffer[]) => void;
type Script = (packet: Buffer, reply: Reply, peer: RemoteInfo) => void;

test("blocks of a window that come out of order are put in order", async () => {
  const port = await server((packet, reply) => {
    if (opcode(packet) === 1) reply(oack({ blksize: "8", windowsize: "4" }));
    else if (block(packet) === 0)
      reply(data(2, "22222222"), data(1, "11111111"), data(4, "44444444"), data(3, "33333333"));
    else reply(data(5, "5"));
  });
  expect(await fetched({ port })).toBe("111111112222222233333333444444445");
});

test("a repeated OACK does not end the transfer", async () => {
  const granted = oack({ blksize: "8" });
  const port = await server((packet, reply) => {
    if (opcode(packet) === 1) reply(granted);
    else if (block(packet) === 0) reply(granted, data(1, "11111111"));
    else reply(data(2, ""));
  });
  expect(await fetched({ port })).toBe("11111111");
});

test("an option that was not requested ends the transfer", async () => {
  const port = await server((packet, reply) => opcode(packet) === 1 && reply(oack({ surprise: "1" })));
  await expect(fetched({ port })).rejects.toMatchObject({
    message: "The request has been denied",
    errorCode: undefined,
  });
});

test("the server's ERROR keeps its code and text", async () => {
  const port = await server((_packet, reply) => reply(error(2, "Access denied")));
  await expect(fetched({ port })).rejects.toMatchObject({ errorCode: 2, message: "Access denied (TFTP error 2)" });
});

test("a server that refuses all options (ERROR 8) is asked again without any", async () => {
  const requests: string[] = [];
  const port = await server((packet, reply) => {
    if (opcode(packet) !== 1) return;
    requests.push(packet.toString("latin1", 2));
    reply(requests.length === 1 ? error(8, "no options") : data(1, "plain"));
  });
  expect(await fetched({ port })).toBe("plain");
  expect(requests[1]).toBe("file\0octet\0");
});

test("a file that is shorter than its tsize is a failure", async () => {
  const port = await server((packet, reply) => reply(opcode(packet) === 1 ? oack({ tsize: "9" }) : data(1, "short")));
  await expect(fetched({ port })).rejects.toThrow("expected 9 bytes, as tsize says, got 5");
});

test("a size over 2 GiB is reported as it is", async () => {
  const enough = new AbortController();
  const port = await server(
    (packet, reply) => opcode(packet) === 1 && reply(oack({ blksize: "1428", tsize: "3000000000" })),
  );
  const total = new Promise((resolve) => {
    fetched({ port, signal: enough.signal, onSize: resolve }).catch(() => {});
  });
  expect(await total).toBe(3_000_000_000);
  enough.abort();
});

test("a file whose block numbers wrap is fetched in lock-step", async () => {
  const windows: (string | undefined)[] = [];
  const port = await server((packet, reply) => {
    if (opcode(packet) !== 1) return;
    const windowsize = /windowsize\0(\d+)/.exec(packet.toString("latin1"))?.[1];
    windows.push(windowsize);
    reply(windowsize === "1" ? error(1, "enough") : oack({ blksize: "8", windowsize: "16", tsize: `${8 * 65_535}` }));
  });
  await expect(fetched({ port })).rejects.toThrow("enough");
  expect(windows).toEqual(["16", "1"]);
});

test("the client's timeout is none that a server could grant", async () => {
  let sent: string | undefined;
  const port = await server((packet, reply) => {
    sent ??= /timeout\0(\d+)/.exec(packet.toString("latin1"))?.[1];
    reply(data(1, ""));
  });
  await fetched({ port });
  expect(Number(sent)).toBeGreaterThan(255);
});

test("a file name in Unicode is sent as UTF-8", async () => {
  let name: string | undefined;
  const port = await server((packet, reply) => {
    name ??= packet.subarray(2).toString("utf8").split("\0")[0];
    reply(data(1, ""));
  });
  await fetched({ port, file: "über/ß.bin" });
  expect(name).toBe("über/ß.bin");
});

test("a fetch rejects with its signal's reason, and the server gets an ERROR", async () => {
  const enough = new AbortController();
  const opcodes: number[] = [];
  const port = await server((packet, reply) => {
    opcodes.push(opcode(packet));
    if (opcode(packet) === 1) reply(oack({ blksize: "8" }));
    else enough.abort(new Error("enough"));
  });
  await expect(fetched({ port, signal: enough.signal })).rejects.toThrow("enough");
  await expect.poll(() => opcodes).toEqual([1, 4, 5]);
});

test("a signal that fired before the call keeps the client from sending", async () => {
  await expect(fetched({ port: 9, signal: AbortSignal.abort(new Error("never")) })).rejects.toThrow("never");
});

test("the sizes that were asked for are in the request", async () => {
  let request = "";
  const port = await server((packet, reply) => {
    request ||= packet.toString("latin1", 2);
    reply(data(1, ""));
  });
  await fetched({ port, blockSize: 512, windowSize: 1, timeoutSeconds: 3 });
  expect(request).toMatch(/^file\0octet\0/);
  for (const option of ["blksize\x00512\0", "windowsize\x001\0", "timeout\x003\0"]) expect(request).toContain(option);
});

test("a granted timeout in seconds is not taken for one in milliseconds", async () => {
  let acks = 0;
  const port = await server((packet, reply) => {
    if (opcode(packet) === 1) return reply(oack({ blksize: "8", timeout: "1" }));
    // Unanswered the first time: the client's own timer has to expire.
    acks++;
    if (acks > 1) reply(data(1, "late"));
  });
  const began = performance.now();
  expect(await fetched({ port, timeoutSeconds: 1 })).toBe("late");
  expect(performance.now() - began).toBeGreaterThan(900);
});

test("a port where nothing listens is a failure at once, by the ICMP error", async () => {
  const port = await quietPort();
  await expect(fetched({ port, timeoutSeconds: 255 })).rejects.toThrow(
    `nothing listens on UDP port ${port} there (ICMP port unreachable)`,
  );
});

test("a server that answers from the port that was asked is understood", async () => {
  const port = await server((packet, reply) => {
    if (opcode(packet) === 1) reply(oack({ blksize: "8" }));
    else if (block(packet) === 0) reply(data(1, "one port"));
    else reply(data(2, ""));
  });
  expect(await fetched({ port })).toBe("one port");
});

test("a server that answers from a port of the transfer's own is understood", async () => {
  const transfer = createSocket("udp4").bind(0, "127.0.0.1");
  onTestFinished(() => void transfer.close());
  await once(transfer, "listening");
  const port = await server((_packet, _reply, peer) => transfer.send(data(1, "own port"), peer.port, peer.address));
  expect(await fetched({ port })).toBe("own port");
});

test("an address that cannot be sent to is a failure, and leaves no socket open", async () => {
  // No socket may broadcast that has not asked for it.
  await expect(fetched({ host: "255.255.255.255", port: 9 })).rejects.toThrow("EACCES");
  await expectNoSockets();
});

test("whatever its end, no transfer of these tests has left a socket open", expectNoSockets);

test("the error for a host that has no address names it", async () => {
  await expect(fetched({ host: "host.invalid", port: 69 })).rejects.toThrow("there is no host named host.invalid");
});

async function expectNoSockets(): Promise<void> {
  await expect.poll(() => process.getActiveResourcesInfo().filter((name) => name === "UDPWrap")).toEqual([]);
}

async function fetched(request: Partial<FetchRequest>): Promise<string> {
  const blocks: Buffer[] = [];
  const onData = (bytes: Buffer): void => void blocks.push(bytes);
  await fetchFile({ host: "127.0.0.1", port: 69, file: "file", onData, ...request });
  return Buffer.concat(blocks).toString();
}

/** A server that does what the script says, from one socket. Resolves with its port. */
async function server(script: Script): Promise<number> {
  const socket: Socket = createSocket("udp4");
  onTestFinished(() => void socket.close());
  socket.on("message", (packet, peer) => {
    script(packet, (...packets) => packets.forEach((bytes) => socket.send(bytes, peer.port, peer.address)), peer);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket.address().port;
}

function opcode(packet: Buffer): number {
  return packet.readUInt16BE(0);
}

function block(packet: Buffer): number {
  return packet.readUInt16BE(2);
}

function data(number: number, content: string): Buffer {
  return Buffer.concat([Buffer.of(0, 3, number >> 8, number & 255), Buffer.from(content)]);
}

function oack(options: Record<string, string>): Buffer {
  return Buffer.from(`\0\u0006${Object.entries(options).flat().join("\0")}\0`);
}

function error(code: number, text: string): Buffer {
  return Buffer.from(`\0\u0005\0${String.fromCharCode(code)}${text}\0`);
}
