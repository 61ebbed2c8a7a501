import type { MessagePort } from "node:worker_threads";
import * as comlink from "comlink";
import nodeEndpoint from "comlink/dist/umd/node-adapter.js";
import { TftpError, thrownError } from "../../contract/errors.ts";
import { withPlainErrors } from "../../contract/thread/plain-errors.ts";
import { Lent, type LentApi } from "./lent.ts";
import { type Borrower, decode, encode, type Lender, type Wire } from "./wire-values.ts";

/** What one side calls at the other one. Every rejection is an ErrorInfo. */
interface PeerApi extends LentApi {
  call(path: readonly string[], method: string, args: readonly Wire[]): Promise<Wire>;
}

/** How calls of the other side are answered. */
export type Answer = (path: readonly string[], method: string, args: readonly unknown[]) => Promise<unknown>;

/**
 * One end of a port between two threads of an agent. Streams, async iterables, callbacks and signals stay in their own
 * thread; the other one pulls and calls them, a piece at a time.
 */
export class Peer {
  readonly #port: MessagePort;
  readonly #remote: PeerApi;
  readonly #lent = new Lent();
  /** How to reject each call that waits: comlink would leave it pending when the port is closed. */
  readonly #pending = new Set<(reason: Error) => void>();
  #isClosed = false;

  /** @param answer Without it the other side may call nothing. */
  constructor(port: MessagePort, answer?: Answer) {
    this.#port = port;
    const endpoint = nodeEndpoint(port);
    const api: PeerApi = {
      ...this.#lent.api,
      call: async (path, method, args) => {
        if (!answer) throw new TftpError("INVALID_OPTION", "this side of the port has no driver");
        const given = args.map((arg) => decode(arg, this.#borrower));
        return encode(await answer(path, method, given), this.#results);
      },
    };
    comlink.expose(withPlainErrors(api), endpoint);
    this.#remote = comlink.wrap<PeerApi>(endpoint);
    port.once("close", () => this.#onClosed());
    // The calls that wait hold the process, not the port.
    port.unref();
  }

  /** @throws {Error} what the other side threw, class and code intact; CLOSED if the port is closed. */
  async call(path: readonly string[], method: string, args: readonly unknown[]): Promise<unknown> {
    const scope = this.#lent.scope();
    let lasts = false;
    try {
      const sent = args.map((arg) => encode(arg, scope));
      const result = await this.#ask((remote) => remote.call(path, method, sent));
      // A signal that was given with the call ends what it has returned, too.
      lasts = "iterable" in result;
      return decode(result, this.#borrower, () => scope.end());
    } finally {
      if (!lasts) scope.end();
    }
  }

  close(): void {
    this.#port.close();
    this.#onClosed();
  }

  readonly #borrower: Borrower = {
    next: (id) => this.#ask((remote) => remote.next(id)),
    stop: (id) => void this.#ask((remote) => remote.stop(id)).catch(() => {}),
    // What the callback makes of it is the other thread's affair.
    run: (id, args) => void this.#ask((remote) => remote.run(id, args)).catch(() => {}),
    watch: (id) => this.#ask((remote) => remote.watch(id)),
  };

  /** Of what a call returns, only iterables stay. */
  readonly #results: Lender = {
    iterable: (value) => this.#lent.iterable(value),
    callback: () => unsendable("a function"),
    signal: () => unsendable("a signal"),
  };

  #ask<Result>(send: (remote: PeerApi) => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(closed());
      this.#pending.add(reject);
      this.#port.ref();
      void send(this.#remote)
        .then(resolve, (thrown: unknown) => reject(thrownError(thrown)))
        .finally(() => {
          this.#pending.delete(reject);
          if (this.#pending.size === 0) this.#port.unref();
        });
    });
  }

  #onClosed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const reject of this.#pending) reject(closed());
    this.#pending.clear();
    this.#lent.endAll();
  }
}

function closed(): TftpError {
  return new TftpError("CLOSED", "the port to the driver's thread was closed");
}

function unsendable(what: string): never {
  throw new TftpError("INTERNAL", `a call that returns ${what} cannot be made from another thread`);
}
