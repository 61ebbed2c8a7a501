import { once } from "node:events";
import { chmod, lstat, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { TftpError, type TftpErrorCode } from "../../contract/errors.ts";
import { makeDirectories } from "../../shared/files/ensure-directory.ts";
import { unless } from "../../shared/error-codes.ts";
import { assertTrustedDirectory } from "../../shared/files/trust.ts";
import type { Passphrase } from "../session/passphrase.ts";
import type { Session } from "../session/session.ts";
import { formatAddress, type ListenAddress } from "./listen-address.ts";
import { serveConnection } from "./serve-connection.ts";

/** PEM. */
export interface TlsIdentity {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** Clients at once; each takes a descriptor, and the boards need them too. */
const MAX_CONNECTIONS = 128;
const HANDSHAKE_TIMEOUT_MS = 10_000;

const failures: Readonly<Record<string, readonly [TftpErrorCode, string]>> = {
  EADDRINUSE: ["ADDRESS_IN_USE", "it is in use by another socket"],
  EADDRNOTAVAIL: ["ADDRESS_NOT_AVAILABLE", "no interface of this machine has the address"],
  ENOTFOUND: ["ADDRESS_NOT_AVAILABLE", "the name has no address"],
  EACCES: ["PERMISSION_DENIED", "permission denied"],
};

/** Takes clients on a socket. */
export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #address: ListenAddress;

  private constructor(server: Server, address: ListenAddress) {
    this.#server = server;
    this.#address = address;
  }

  /** @throws {TftpError} ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE, PERMISSION_DENIED, START_FAILED, INVALID_OPTION. */
  static async open(
    address: ListenAddress,
    session: Session,
    tls: TlsIdentity | undefined,
    passphrase: Passphrase | undefined,
  ): Promise<Listener> {
    const listener = new Listener(createServerFor(tls), address);
    if ("path" in address) await preparePath(address.path);
    try {
      await listener.#listen(session, passphrase, tls !== undefined);
    } catch (error) {
      const { code = "", message } = error as NodeJS.ErrnoException;
      const [meaning, words] = failures[code] ?? ["START_FAILED", message];
      throw new TftpError(meaning, `${formatAddress(address)}: ${words}`, { cause: error });
    }
    return listener;
  }

  /** What is bound, in the form that listen() takes. */
  get address(): string {
    return formatAddress(this.#address);
  }

  /** Takes no more clients, and ends the connections of those that are there. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #listen(session: Session, passphrase: Passphrase | undefined, secure: boolean): Promise<void> {
    const address = this.#address;
    let isReady = false;
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on("connection", (socket: Socket) => {
      // Before chmod, a user for whom it is not could have connected.
      if (!isReady) socket.destroy();
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      socket.on("error", () => {});
    });
    this.#server.on(secure ? "secureConnection" : "connection", (socket: Socket) => {
      if (!socket.destroyed) serveConnection(socket.setNoDelay(true), session, passphrase);
    });
    if ("path" in address) this.#server.listen(address.path);
    else this.#server.listen(address.port, address.host);
    await once(this.#server, "listening");
    // What fails later is one connection that could not be accepted.
    this.#server.on("error", () => {});
    if ("path" in address) await chmod(address.path, 0o600);
    else this.#address = { host: address.host, port: (this.#server.address() as AddressInfo).port };
    isReady = true;
  }
}

function createServerFor(tls: TlsIdentity | undefined): Server {
  if (!tls) return createServer();
  try {
    return createTlsServer({ ...tls, ALPNProtocols: ["h2"], handshakeTimeout: HANDSHAKE_TIMEOUT_MS }).on(
      "tlsClientError",
      (_error, socket) => socket.destroy(),
    );
  } catch (error) {
    throw new TftpError("INVALID_OPTION", `tls: ${(error as Error).message}`, { cause: error });
  }
}

/** Makes the socket's directory, checks that it is ours alone, and removes a socket that a dead process has left. */
async function preparePath(path: string): Promise<void> {
  const directory = dirname(path);
  await makeDirectories(directory, 0o700);
  try {
    await assertTrustedDirectory(directory);
  } catch (error) {
    throw new TftpError("PERMISSION_DENIED", `unix:${path}: ${(error as Error).message}`, { cause: error });
  }
  const found = await unless(lstat(path), "ENOENT");
  if (!found) return;
  if (!found.isSocket() || (await isAnswered(path))) {
    throw new TftpError("ADDRESS_IN_USE", `unix:${path}: there is a file, or another exporter`);
  }
  await rm(path);
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
