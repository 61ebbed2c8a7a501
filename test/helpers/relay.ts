import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP relay in front of an HTTP server: counts requests, and takes its time like a long line. */
export class Relay {
  /** Methods of the requests so far. */
  readonly requests: string[] = [];
  /** Answers that have begun. */
  answered = 0;
  /** One way to the server, in ms. */
  delayMs = 0;
  port = 0;
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#relay(client));
  }

  async start(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.port = (this.#server.address() as { port: number }).port;
    return this;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, "close");
  }

  #relay(client: Socket): void {
    const server = connect(this.#target, "127.0.0.1");
    for (const socket of [client, server]) {
      this.#sockets.add(socket.setNoDelay());
      socket.on("error", () => {});
      socket.once("close", () => {
        client.destroy();
        server.destroy();
      });
    }
    client.on("data", (bytes: Buffer) => {
      // A request without a body begins a segment of its own.
      const method = /^(GET|HEAD|PUT|POST|DELETE) /.exec(bytes.toString("latin1", 0, 8))?.[1];
      if (method !== undefined) this.requests.push(method);
      if (this.delayMs === 0) server.write(bytes);
      else setTimeout(() => server.write(bytes), this.delayMs);
    });
    server.on("data", (bytes: Buffer) => {
      if (bytes.toString("latin1", 0, 5) === "HTTP/") this.answered += 1;
      client.write(bytes);
    });
  }
}
