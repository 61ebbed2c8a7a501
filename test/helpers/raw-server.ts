import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, vi } from "vitest";
import type { TftpEventOf, TransferEndedEvent } from "../../src/contract/events/events.ts";
import type { Endpoint } from "../../src/contract/endpoint.ts";
import type { Counters } from "../../src/contract/events/counters.ts";
import { Tftp, type TftpOptions } from "../../src/index.ts";
import { RawClient } from "./raw-client.ts";

export type FileTree = Readonly<Record<string, string | Buffer>>;

/** Patient and generous: a test that is about retransmissions or limits says so itself. */
const defaults = {
  host: "127.0.0.1",
  port: 0,
  stopGraceMs: 0,
  retransmitMs: 30_000,
  maxTransfersPerClient: 1_024,
} as const;

/** A running driver with a directory of its own under the temporary directory. */
export class TestServer {
  readonly tftp: Tftp;
  /** The served directory, one level below a directory that is the test's too. */
  readonly root: string;
  readonly ended: TransferEndedEvent[] = [];
  readonly refused: TftpEventOf<"refused">[] = [];
  readonly dropped: TftpEventOf<"dropped">[] = [];
  readonly #files: FileTree;
  wellKnown: Endpoint = { address: "", port: 0 };

  constructor(options: TftpOptions = {}, files: FileTree = {}) {
    this.root = join(tmpdir(), `tftp-test-${randomUUID()}`, "root");
    this.#files = files;
    this.tftp = new Tftp({ ...defaults, rootDir: this.root, ...chosenPorts(), ...options });
    this.tftp.on("transfer-ended", (event) => this.ended.push(event));
    this.tftp.on("refused", (event) => this.refused.push(event));
    this.tftp.on("dropped", (event) => this.dropped.push(event));
  }

  /** Lays the files out, too: a suite that is skipped leaves none behind. */
  async start(): Promise<void> {
    mkdirSync(this.root, { recursive: true });
    this.write(this.#files);
    await this.tftp.start();
    this.wellKnown = { address: await this.tftp.getHost(), port: await this.tftp.getPort() };
  }

  async close(): Promise<void> {
    await this.tftp.close();
    rmSync(dirname(this.root), { recursive: true, force: true });
  }

  write(files: FileTree): void {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, name)), { recursive: true });
      writeFileSync(join(this.root, name), content);
    }
  }

  client(at?: Partial<Endpoint>): Promise<RawClient> {
    return RawClient.open(this.wellKnown, at);
  }

  async counters(): Promise<Counters> {
    return (await this.tftp.snapshot()).counters;
  }

  /**
   * Resolves when everything sent to the well-known port before has been read: it is one queue, and the reply to a
   * request of our own comes behind it. That request is counted, as one for a file that is not there.
   */
  async settle(): Promise<void> {
    const client = await this.client();
    await client.request("no such file");
    client.close();
  }

  /** How many transfers of that client run at this moment. */
  async running(client: RawClient): Promise<number> {
    const { transfers } = await this.tftp.snapshot();
    return transfers.filter((each) => each.client.port === client.port && each.startedAt >= client.openedAt).length;
  }

  /** How a transfer to that client ended, the first one that did; waits for it. */
  async endOf(client: RawClient, withinMs = 30_000): Promise<TransferEndedEvent> {
    const { port, openedAt } = client;
    return vi.waitFor(
      () => {
        const event = this.ended.find((candidate) => candidate.client.port === port && candidate.at >= openedAt);
        expect(event, "a transfer-ended event").toBeDefined();
        return event as TransferEndedEvent;
      },
      { timeout: withinMs, interval: 5 },
    );
  }
}

/** A server for the tests of one `describe`: started before the first, closed after the last. */
export function sharedServer(options?: TftpOptions, files?: FileTree): TestServer {
  const server = new TestServer(options, files);
  beforeAll(() => server.start());
  afterAll(() => server.close());
  return server;
}

/** A server for one test: started now, closed when the test ends. */
export async function startServer(options?: TftpOptions, files?: FileTree): Promise<TestServer> {
  const server = new TestServer(options, files);
  onTestFinished(() => server.close());
  await server.start();
  return server;
}

/**
 * TFTP_TEST_PORTS=single has all servers of the wire tests use the well-known port alone. Those about ports of their own,
 * requests in the middle of a transfer and ICMP errors fail then: docs/networks.md says why.
 */
function chosenPorts(): Pick<TftpOptions, "ports"> {
  const wanted = process.env["TFTP_TEST_PORTS"];
  if (wanted === undefined || wanted === "") return {};
  if (wanted !== "single") throw new Error(`TFTP_TEST_PORTS: expected single, got ${wanted}`);
  return { ports: wanted };
}
