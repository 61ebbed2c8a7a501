import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import { expect, onTestFinished } from "vitest";
import type { Endpoint } from "../../src/contract/endpoint.ts";
import { decode, error, request, type Packet, type RequestShape } from "./raw-packets.ts";

/** What came, from where, and when. */
export interface Datagram {
  readonly bytes: Buffer;
  readonly from: Endpoint;
  /** Of `performance.now()`. */
  readonly at: number;
}

/** How long a reply may take on a machine that has other work too, in ms. */
const patienceMs = 30_000;
/** How long silence is listened to, in ms. A server that does answer takes a few milliseconds. */
const silenceMs = 120;
const usedPorts = new Set<number>();
/** What a client says when its test is over. */
const farewell = error(0, "test over");

/** A UDP socket that sends exactly the bytes it is told to, and answers nothing by itself. */
export class RawClient {
  /** Where `send` goes: the well-known port first, then whatever a reply came from. */
  peer: Endpoint;
  /** In milliseconds since the epoch: what happened to the same port before concerns another client. */
  readonly openedAt: number = Date.now();
  readonly #wellKnown: Endpoint;
  readonly #socket: Socket;
  readonly #arrived: Datagram[] = [];
  #onArrival: (() => void) | undefined;
  #closed = false;

  private constructor(socket: Socket, peer: Endpoint) {
    this.#socket = socket;
    this.#wellKnown = peer;
    this.peer = peer;
    socket.on("message", (bytes: Buffer, { address, port }: RemoteInfo) => {
      // Another test's, to a transfer that has ended already, and whose port is ours by now.
      if (bytes.equals(farewell)) return;
      this.#arrived.push({ bytes, from: { address, port }, at: performance.now() });
      this.#onArrival?.();
    });
  }

  /** Opens a client on a port of its own, or the given one, and closes it with the test. */
  static async open(wellKnown: Endpoint, at: Partial<Endpoint> = {}): Promise<RawClient> {
    const v6 = isIPv6(wellKnown.address);
    const open = async (): Promise<Socket> => {
      const socket = createSocket({ type: v6 ? "udp6" : "udp4", recvBufferSize: 1 << 20 });
      socket.bind(at.port ?? 0, at.address ?? (v6 ? "::1" : "127.0.0.1"));
      await once(socket, "listening");
      return socket;
    };
    let socket = await open();
    // The system may give us the port of a client before, whose transfer goes on; our request would be its repeat.
    while (at.port === undefined && usedPorts.has(socket.address().port)) {
      const used = socket;
      socket = await open();
      used.close();
    }
    usedPorts.add(socket.address().port);
    const client = new RawClient(socket, wellKnown);
    onTestFinished(() => client.#leave());
    return client;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Until then the system refuses to send to a broadcast address. */
  allowBroadcasts(): void {
    this.#socket.setBroadcast(true);
  }

  async send(bytes: Buffer, to: Endpoint = this.peer): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.send(bytes, to.port, to.address, (problem) => (problem ? reject(problem) : resolve()));
    });
  }

  /** Sends a read request, and makes the sender of the reply the peer. */
  async request(file: string | Buffer, shape?: RequestShape): Promise<Datagram> {
    await this.send(request(file, shape));
    const reply = await this.receive();
    this.peer = reply.from;
    return reply;
  }

  /** The same, with the reply decoded. */
  async ask(file: string | Buffer, shape?: RequestShape): Promise<Packet> {
    return decode((await this.request(file, shape)).bytes);
  }

  /** The next datagram that came or comes. */
  async receive(withinMs: number = patienceMs): Promise<Datagram> {
    const datagram = await this.#next(withinMs);
    if (datagram === undefined) throw new Error(`nothing came within ${withinMs} ms`);
    return datagram;
  }

  async receivePacket(withinMs?: number): Promise<Packet> {
    return decode((await this.receive(withinMs)).bytes);
  }

  /** The next datagrams must be these DATA packets, and nothing between them. Resolves with their payloads. */
  async expectBlocks(...blocks: readonly number[]): Promise<Buffer[]> {
    const payloads: Buffer[] = [];
    for (const block of blocks) {
      const packet = await this.receivePacket();
      expect(packet).toMatchObject({ kind: "data", block });
      if (packet.kind === "data") payloads.push(packet.payload);
    }
    return payloads;
  }

  /** Waits for that block, past everything that a retransmission may have put before it. */
  async awaitBlock(block: number): Promise<void> {
    for (;;) {
      const packet = await this.receivePacket();
      if (packet.kind === "data" && packet.block === block) return;
    }
  }

  /** Fails where a datagram came already, or comes within `ms`. */
  async expectNothing(ms: number = silenceMs): Promise<void> {
    const datagram = await this.#next(ms);
    expect(datagram && decode(datagram.bytes), "a datagram that should not have been sent").toBeUndefined();
  }

  /** Forgets what came so far. */
  discard(): void {
    this.#arrived.length = 0;
  }

  /** Closes the socket without a word. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  /** Ends what may still run: the port may soon be another test's, and must not be known to the server. */
  async #leave(): Promise<void> {
    if (!this.#closed && this.peer !== this.#wellKnown) await this.send(farewell);
    this.close();
  }

  async #next(withinMs: number): Promise<Datagram | undefined> {
    if (this.#arrived.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, withinMs);
        this.#onArrival = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#onArrival = undefined;
    }
    return this.#arrived.shift();
  }
}
