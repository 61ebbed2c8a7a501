import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SourceConfig } from "../../src/contract/options/server-config.ts";
import { StoreClient } from "../../src/object-store/client/store-client.ts";
import { StoreProcess } from "../../src/object-store/client/store-process.ts";
import { isAbsent } from "./client-programs.ts";

/** How much of an object goes in one call, in bytes. */
const PIECE = 4 << 20;

const program = process.env["VERSITYGW"] ?? "versitygw";
const keys = { ROOT_ACCESS_KEY: "testkey", ROOT_SECRET_KEY: "testsecret" };

export function isVersitygwAbsent(): boolean {
  return isAbsent(program);
}

/** A real S3 server on loopback: an object of the bucket is a file in `bucketDir`. */
export class S3Server {
  readonly root: string = join(tmpdir(), `tftp-s3-${randomUUID()}`);
  readonly bucketDir: string = join(this.root, "boot");
  port = 0;
  #child: ChildProcess | undefined;
  #writer: ReturnType<typeof openWriter> | undefined;

  /** What a driver needs to know to serve from it. */
  get source(): SourceConfig {
    return {
      scheme: "s3",
      endpoint: `http://127.0.0.1:${this.port}`,
      bucket: "boot",
      region: "us-east-1",
      access_key_id: keys.ROOT_ACCESS_KEY,
      secret_access_key: keys.ROOT_SECRET_KEY,
      disable_config_load: true,
    };
  }

  /** Starts it, the second time on the same port as before. A suite that is skipped leaves nothing behind. */
  async start(): Promise<void> {
    mkdirSync(this.bucketDir, { recursive: true });
    if (this.port === 0) this.port = await freePort();
    const options = ["--port", `127.0.0.1:${this.port}`, "--region", "us-east-1", "--quiet", "--keep-alive"];
    this.#child = spawn(program, [...options, "posix", this.root], {
      stdio: "ignore",
      env: { ...process.env, ...keys },
    });
    for (let attempt = 0; !(await accepts(this.port)); attempt += 1) {
      if (attempt === 300 || this.#child.exitCode !== null) throw new Error("versitygw did not start");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Puts an object there as its users do; so it has an etag, which a file in `bucketDir` has not. */
  async put(key: string, content: Buffer): Promise<void> {
    this.#writer ??= openWriter(this.source);
    const { client } = this.#writer;
    const writer = await client.call("openWriter", key);
    for (let at = 0; at < content.length; at += PIECE) {
      await client.call("write", writer, content.subarray(at, at + PIECE));
    }
    await client.call("closeWriter", writer);
  }

  /** Ends it at once, in the midst of whatever it does. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  async close(): Promise<void> {
    this.#writer?.client.close();
    await this.#writer?.process.close();
    await this.kill();
    rmSync(this.root, { recursive: true, force: true });
  }
}

function openWriter(source: SourceConfig): { process: StoreProcess; client: StoreClient } {
  const config = Object.fromEntries(Object.entries(source).map(([name, value]) => [name, String(value)]));
  const writing = new StoreProcess({ scheme: "s3", config, timeoutMs: 20_000 }, undefined, () => {});
  return { process: writing, client: new StoreClient(() => writing.open(), 20_000) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
