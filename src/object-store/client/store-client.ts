import { connect, type Socket } from "node:net";
import { encodeFrame, FrameReader } from "./frames.ts";
import { type StoreAnswer, type StoreApi, type StoreCall, StoreError } from "./store-api.ts";

type Args<Name extends keyof StoreApi> = Parameters<StoreApi[Name]>;
type Value<Name extends keyof StoreApi> = Awaited<ReturnType<StoreApi[Name]>>;

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: StoreError) => void;
  readonly timer: NodeJS.Timeout;
}

/** A connection to the store's process. Every call ends: by its answer, by its time limit, or by `close`. */
export class StoreClient {
  readonly #socketPath: () => Promise<string>;
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, PendingCall>();
  #socket: Promise<Socket> | undefined;
  #connected: Socket | undefined;
  #lastId = 0;
  #closed = false;

  /**
   * @param socketPath returns the path of the process's socket, and spawns the process if there is none. Called for
   *   each new connection.
   * @param timeoutMs how long a call may take, connecting included.
   */
  constructor(socketPath: () => Promise<string>, timeoutMs: number) {
    this.#socketPath = socketPath;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @throws {StoreError} also "failed" if the answer is late, and "disconnected" if the process dies before it answers.
   */
  call<Name extends keyof StoreApi>(name: Name, ...args: Args<Name>): Promise<Value<Name>> {
    if (this.#closed) return Promise.reject(new StoreError("failed", `${name}: the store was closed`));
    const id = (this.#lastId += 1);
    const answer = new Promise<unknown>((resolve, reject) => {
      const late = (): void => this.#fail(id, new StoreError("failed", `${name}: no answer in ${this.#timeoutMs} ms`));
      this.#pending.set(id, { resolve, reject, timer: setTimeout(late, this.#timeoutMs) });
    });
    void this.#send({ id, name, args });
    return answer as Promise<Value<Name>>;
  }

  /** As `call`, for calls that may be repeated: it is repeated once if the process dies. */
  async callAgain<Name extends keyof StoreApi>(name: Name, ...args: Args<Name>): Promise<Value<Name>> {
    try {
      return await this.call(name, ...args);
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== "disconnected" || this.#closed) throw error;
      return this.call(name, ...args);
    }
  }

  /** Closes the connection. Calls in flight reject at once. */
  close(): void {
    this.#closed = true;
    this.#connected?.destroy();
    this.#failAll(new StoreError("failed", "the store was closed"));
  }

  async #send(call: StoreCall): Promise<void> {
    try {
      this.#socket ??= this.#connect();
      const socket = await this.#socket;
      if (!this.#pending.has(call.id)) return;
      socket.ref();
      for (const part of encodeFrame(call)) socket.write(part);
    } catch (error) {
      this.#socket = undefined;
      const { message } = error as Error;
      this.#fail(call.id, new StoreError("failed", `the store's process: ${message}`, { cause: error }));
    }
  }

  async #connect(): Promise<Socket> {
    const socket = connect(await this.#socketPath());
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    const reader = new FrameReader((message) => this.#settle(message as StoreAnswer));
    socket.on("data", (piece: Buffer) => reader.push(piece));
    socket.on("error", () => {
      // "close" follows, and rejects the calls in flight.
    });
    socket.once("close", () => this.#disconnected());
    // An idle connection must not keep the process alive.
    socket.unref();
    if (this.#closed) socket.destroy();
    return (this.#connected = socket);
  }

  #settle(answer: StoreAnswer): void {
    const pending = this.#forget(answer.id);
    if (!pending) return;
    if ("value" in answer) pending.resolve(answer.value);
    else pending.reject(new StoreError(answer.failure.kind, answer.failure.message));
  }

  #disconnected(): void {
    this.#socket = undefined;
    this.#connected = undefined;
    this.#failAll(new StoreError("disconnected", "the store's process has died"));
  }

  #failAll(error: StoreError): void {
    for (const id of this.#pending.keys()) this.#fail(id, error);
  }

  #fail(id: number, error: StoreError): void {
    this.#forget(id)?.reject(error);
  }

  #forget(id: number): PendingCall | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(pending?.timer);
    if (this.#pending.size === 0) this.#connected?.unref();
    return pending;
  }
}
