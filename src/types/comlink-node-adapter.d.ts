/** comlink's adapter for `worker_threads`: its own types are not reachable under `nodenext`. */
declare module "comlink/dist/umd/node-adapter.js" {
  import type { Endpoint } from "comlink";

  /** What the adapter uses of a Worker or a MessagePort. */
  export interface NodeEndpoint {
    postMessage(message: unknown, transfer?: readonly never[]): void;
    on(type: string, listener: (value: unknown) => void): unknown;
    off(type: string, listener: (value: unknown) => void): unknown;
    start?: () => void;
  }

  export default function nodeEndpoint(port: NodeEndpoint): Endpoint;
}
