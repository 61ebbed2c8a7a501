import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";

export interface TcpAddress {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
}

/**
 * Binds the server. Resolves with the URL of its root, with a `/` at the end.
 * @param option The option that asked for it, such as "--open-ui"; named by the error.
 * @throws {Error} with a message of one line, if it cannot be bound.
 */
export async function listenTcp(server: Server, { host, port }: TcpAddress, option: string): Promise<string> {
  server.listen(port, host);
  await once(server, "listening").catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "EADDRINUSE" ? "is in use by another socket" : `cannot be bound: ${error.message}`;
    throw new Error(`${option}: TCP port ${port} of ${host} ${why}`, { cause: error });
  });
  const bound = server.address() as AddressInfo;
  return `http://${isIPv6(bound.address) ? `[${bound.address}]` : bound.address}:${bound.port}/`;
}
