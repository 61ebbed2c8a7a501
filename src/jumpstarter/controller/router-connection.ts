import { Duplex } from "node:stream";
import type { ChannelCredentials, Client, ClientDuplexStream } from "@grpc/grpc-js";
import type { ListenReply } from "../wire/controller-messages.ts";
import { FRAME, type Frame } from "../wire/messages.ts";
import { openRouterStream } from "./controller-link.ts";

const MAX_PAYLOAD = 65_536;

/**
 * The bytes in the frames of a router's stream: a client's whole HTTP/2 connection. It takes no more than it is asked
 * for, and writes at the router's pace.
 */
export class RouterConnection extends Duplex {
  readonly #client: Client;
  readonly #call: ClientDuplexStream<Frame, Frame>;

  constructor(dialled: ListenReply, credentials: ChannelCredentials) {
    super({ allowHalfOpen: false });
    const { client, call } = openRouterStream(dialled, credentials);
    this.#client = client;
    this.#call = call;
    call.on("data", ({ payload, frameType }: Frame) => {
      if (frameType === FRAME.goAway) this.push(null);
      else if (frameType === FRAME.reset) this.destroy(new Error("the router has reset the stream"));
      else if (frameType === FRAME.data && payload.length > 0 && !this.push(payload)) call.pause();
    });
    call.pause();
    call.once("end", () => this.push(null));
    call.once("error", (error) => this.destroy(error));
  }

  override _read(): void {
    this.#call.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    let more = true;
    for (let at = 0; at < chunk.length; at += MAX_PAYLOAD) {
      more = this.#call.write({ payload: chunk.subarray(at, at + MAX_PAYLOAD), frameType: FRAME.data });
    }
    if (more) done();
    else this.#call.once("drain", done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#call.write({ payload: new Uint8Array(), frameType: FRAME.goAway });
    this.#call.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#call.cancel();
    this.#client.close();
    done(error);
  }
}
