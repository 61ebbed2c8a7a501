import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import { systemError } from "../../../src/worker/transport/linux/system/libc.ts";
import type { Channel, ChannelReceiver, ListenerReceiver, Transport } from "../../../src/worker/transport/transport.ts";
import { ack, data, request } from "../../helpers/raw-packets.ts";
import { describeOnEachTransport } from "../../helpers/raw-transports.ts";
import { openHandler } from "../../helpers/request-handler.ts";
import { MemoryFile } from "../content/fixtures.ts";

const { EBADF, EHOSTUNREACH, EINVAL, ENETUNREACH, EPERM } = constants.errno;
const content = Buffer.from("hello\n");
const file = (): MemoryFile => new MemoryFile(content);
/** On a busy machine, too. */
const patient = { timeout: 20_000 };
const client = { address: "192.0.2.1", port: 1_024 };

describe("a send that the system refuses", () => {
  test.each([EPERM, EINVAL, EHOSTUNREACH])(
    "a send that the system refuses (errno %i) is a lost datagram: the block comes after its time",
    async (errno) => {
      const faults = new Faults({ sends: [errno, errno] });
      const server = await openHandler(async () => file(), { retransmitMs: 50, wrapTransport: faults.wrap });
      const board = await server.client();
      expect((await board.request("a")).bytes).toEqual(data(1, content));
      await board.send(ack(1));
      await expect.poll(() => server.reported("transfer-ended")).toMatchObject([{ outcome: "complete" }]);
      // A busy machine may repeat it before it has read the ACK.
      expect(server.reported("transfer-ended")[0]?.retransmissions).toBeGreaterThanOrEqual(2);
    },
  );

  test("a send that the system refuses is counted each time, and reported once for a transfer", async () => {
    const faults = new Faults({ sends: [EPERM, EPERM] });
    const server = await openHandler(async () => file(), { retransmitMs: 50, wrapTransport: faults.wrap });
    await (await server.client()).request("a");
    expect(server.reporter.counters.networkErrors).toBe(2);
    expect(server.reported("warning")).toMatchObject([
      { message: "a datagram of a to 127.0.0.1 was lost: send EPERM", cause: { code: "EPERM" } },
    ]);
  });

  test("a refused send ends the transfer if only a defect of the server can be the cause", async () => {
    const faults = new Faults({ sends: [EBADF] });
    const server = await openHandler(async () => file(), { wrapTransport: faults.wrap });
    const board = await server.client();
    expect(await board.ask("a")).toMatchObject({ kind: "error", code: 0 });
    expect(server.reported("transfer-ended")).toMatchObject([{ outcome: "failed", cause: { code: "EBADF" } }]);
  });
});

describe("a socket that is full", () => {
  test("an OACK that a full socket did not take is what leaves next", async () => {
    const faults = new Faults({});
    faults.full = 1;
    const server = await openHandler(async () => file(), { wrapTransport: faults.wrap });
    const board = await server.client();
    expect(await board.ask("a", { options: [["tsize", "0"]] })).toMatchObject({ kind: "oack" });
  });

  test("an ERROR at a transfer's end that a full socket does not take is counted and reported", async () => {
    const faults = new Faults({});
    const server = await openHandler(async () => file(), { wrapTransport: faults.wrap });
    await (await server.client()).request("a");
    faults.full = 1;
    for (const transfer of server.transfers) transfer.stop();
    expect(server.reporter.counters.networkErrors).toBe(1);
    expect(server.reported("warning")).toMatchObject([{ cause: { code: "ENOBUFS" } }]);
    expect(server.reported("transfer-ended")).toMatchObject([{ outcome: "server-stopped" }]);
  });
});

describe("a client to which no way leads", () => {
  test("a client to which no way leads gets no ERROR, is counted as dropped, and is served when it asks again", async () => {
    const faults = new Faults({ opens: [ENETUNREACH] });
    const server = await openHandler(async () => file(), { wrapTransport: faults.wrap });
    const board = await server.client();
    await board.send(request("a"));
    await expect.poll(() => server.reported("dropped"), patient).toMatchObject([{ reason: "unreachable", count: 1 }]);
    expect(server.reported("refused")).toEqual([]);
    expect((await board.request("a")).bytes).toEqual(data(1, content));
  });
});

describe("an answer of the well-known port that is not sent", () => {
  test("an answer of the well-known port that is not sent is counted each time, and reported once in a while", async () => {
    const faults = new Faults({});
    const server = await openHandler(async () => file(), { wrapTransport: faults.wrap });
    for (let count = 0; count < 100; count++) faults.listener?.onReplyLost(systemError(EPERM, "sendmsg"), client);
    expect(server.reporter.counters.networkErrors).toBe(100);
    expect(server.reported("warning")).toMatchObject([
      { message: "an answer to 192.0.2.1 was not sent: sendmsg EPERM" },
    ]);
  });
});

describe("a channel that cannot say its MTU", () => {
  test("the request is refused, and the channel and the file are closed", async () => {
    const faults = new Faults({ mtus: [EBADF] });
    const served = file();
    const server = await openHandler(async () => served, { maxBlockSize: "mtu", wrapTransport: faults.wrap });
    const board = await server.client();
    expect(await board.ask("a", { options: [["blksize", "1400"]] })).toMatchObject({ kind: "error", code: 0 });
    expect([faults.open, served.closes]).toEqual([0, 1]);
    expect(server.reported("refused")).toMatchObject([{ reason: "read-error", cause: { code: "EBADF" } }]);
  });
});

describeOnEachTransport("a datagram from port 0", (transport) => {
  test.each([
    ["a request", request("a")],
    ["a request that would be refused", request("../a")],
    ["an ACK", ack(1)],
  ])("%s from port 0, to which nothing can be sent, is dropped and counted", async (_what, datagram) => {
    for (const ports of ["own", "single"] as const) {
      const faults = new Faults({});
      const server = await openHandler(async () => file(), { transport, ports, wrapTransport: faults.wrap });
      const local = { address: "127.0.0.1", port: 69 };
      faults.listener?.onRequest(datagram, { address: "127.0.0.1", port: 0 }, local);
      expect(server.reported("dropped")).toMatchObject([{ reason: "malformed", client: { port: 0 } }]);
      expect(server.transfers.size).toBe(0);
      expect((await (await server.client()).request("a")).bytes).toEqual(data(1, content));
    }
  });
});

describe("a datagram that was sent to a broadcast address", () => {
  test("a datagram to a broadcast address is dropped and counted, and denied clients as denied", async () => {
    const faults = new Faults({});
    const server = await openHandler(async () => file(), { wrapTransport: faults.wrap, deny: ["192.0.2.7"] });
    faults.listener?.onNotUnicast(client);
    faults.listener?.onNotUnicast({ ...client, address: "192.0.2.7" });
    expect(server.reporter.counters.dropped).toMatchObject({ "not-unicast": 1, denied: 1 });
  });
});

/** Between a server and its transport: the first sends, opens and questions for the MTU fail with these errnos. */
class Faults {
  listener: ListenerReceiver | undefined;
  readonly #sends: number[];
  readonly #opens: number[];
  readonly #mtus: number[];
  /** So many sends find the socket full, for a moment. */
  full = 0;
  /** The channels that are open. */
  open = 0;

  constructor({ sends = [], opens = [], mtus = [] }: { sends?: number[]; opens?: number[]; mtus?: number[] }) {
    this.#sends = sends;
    this.#opens = opens;
    this.#mtus = mtus;
  }

  readonly wrap = (transport: Transport): Transport => ({
    name: transport.name,
    listen: (at, receiver) => transport.listen(at, (this.listener = receiver)),
    adopt: (socketFd, receiver) => transport.adopt(socketFd, receiver),
    open: async (...ends) => {
      const errno = this.#opens.shift();
      if (errno !== undefined) throw systemError(errno, "connect");
      return this.#wrapChannel(await transport.open(...ends));
    },
    interfaces: () => transport.interfaces(),
    watchInterfaces: (onChange) => transport.watchInterfaces(onChange),
    canBind: (address) => transport.canBind(address),
    close: () => transport.close(),
  });

  #wrapChannel(channel: Channel): Channel {
    let attached: ChannelReceiver | undefined;
    this.open++;
    return {
      attach: (receiver) => channel.attach((attached = receiver)),
      send: (bytes, offset, length, segment) => {
        if (this.full > 0) {
          this.full--;
          queueMicrotask(() => attached?.onWritable());
          return 0;
        }
        const errno = this.#sends.shift();
        if (errno === undefined) return channel.send(bytes, offset, length, segment);
        queueMicrotask(() => attached?.onError(systemError(errno, "send")));
        return length;
      },
      mtu: async () => {
        const errno = this.#mtus.shift();
        if (errno !== undefined) throw systemError(errno, "getsockopt");
        return await channel.mtu();
      },
      onSilence: () => channel.onSilence(),
      close: () => {
        this.open--;
        channel.close();
      },
    };
  }
}
