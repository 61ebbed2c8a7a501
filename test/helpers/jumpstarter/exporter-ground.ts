import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import {
  Exporter,
  type ExporterEvent,
  type ExporterOptions,
  type ExportRoot,
  type ListenOptions,
} from "../../../src/jumpstarter.ts";
import { Tftp } from "../../../src/main/tftp.ts";
import { ExporterClient } from "./exporter-client.ts";

interface Cable {
  readonly client: ExporterClient;
  readonly cut: () => void;
  /** Whether one of the ends has closed it. */
  readonly isCut: () => boolean;
}

/** A directory for the running test, with the root of a TFTP driver and the socket of an exporter in it. */
export class ExporterGround {
  readonly directory: string = realpathSync(mkdtempSync(join(tmpdir(), "exporter-")));
  readonly root: string = join(this.directory, "root");
  readonly socket: string = join(this.directory, "private/exporter.sock");
  readonly events: ExporterEvent[] = [];

  constructor() {
    onTestFinished(() => rmSync(this.directory, { recursive: true, force: true }));
  }

  readonly tftp = (): Tftp => new Tftp({ rootDir: this.root, host: "127.0.0.1", port: 0, journal: false });

  /** Closed with the test, if the test does not close it. */
  exporter(root: ExportRoot = { tftp: this.tftp }, options: ExporterOptions = {}): Exporter {
    const exporter = new Exporter(root, options);
    exporter.on("*", (event) => this.events.push(event));
    onTestFinished(() => exporter.close().catch(() => {}));
    return exporter;
  }

  /** An exporter on the unix socket, and a client of it. */
  async start(root?: ExportRoot, options?: ListenOptions): Promise<{ exporter: Exporter; client: ExporterClient }> {
    const exporter = this.exporter(root);
    await exporter.listen(`unix:${this.socket}`, options);
    return { exporter, client: await this.connect() };
  }

  connect(): Promise<ExporterClient> {
    return ExporterClient.connect(`unix:${this.socket}`);
  }

  /** A client whose connection can be cut, as if its process were killed. */
  async connectByCable(): Promise<Cable> {
    const sockets = new Set<Socket>();
    const path = join(this.directory, "cable.sock");
    const server = createServer((near) => {
      const far = connect(this.socket);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(one.on("error", () => {}).on("close", () => other.destroy()));
        one.pipe(other);
      }
    }).listen(path);
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const cut = (): void => sockets.forEach((socket) => socket.destroy());
    const isCut = (): boolean => [...sockets].some((socket) => socket.destroyed);
    return { client: await ExporterClient.connect(`unix:${path}`), cut, isCut };
  }

  /** What is under the root, temporary files too. */
  files(): string[] {
    try {
      return (readdirSync(this.root, { recursive: true }) as string[]).sort();
    } catch {
      return [];
    }
  }
}
