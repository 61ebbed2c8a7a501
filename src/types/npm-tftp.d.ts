/** What src/main/client/tftp-client.ts uses of the `tftp` package, which ships no types. */
declare module "tftp/lib/create-options.js" {
  export interface GlobalOptions {
    readonly address: string;
    readonly port: number;
    /** The values as they are sent. */
    readonly extensionsString: { timeout: string };
    /** Of the values and their names, in bytes: the length of a request is computed by it. */
    extensionsLength: number;
  }

  export default function createOptions(options: {
    readonly host: string;
    readonly port: number;
    readonly blockSize: number;
    readonly windowSize: number;
    /** In ms; also sent as the value of the option `timeout`. */
    readonly timeout: number;
    readonly retries: number;
  }): GlobalOptions;
}

declare module "tftp/lib/protocol/client/reader.js" {
  import type { RemoteInfo, Socket } from "node:dgram";
  import type { GlobalOptions } from "tftp/lib/create-options.js";

  /** A read request, and the transfer that follows. It begins with its construction. */
  export default class Reader {
    constructor(request: {
      readonly file: string;
      readonly globalOptions: GlobalOptions;
      readonly opOptions: { readonly userExtensions: object };
    });

    onStats(stats: { readonly blockSize: number; readonly windowSize: number }): void;
    onData(data: Buffer): void;
    onClose(): void;
    onError(error: Error): void;
    onAbort(): void;
    abort(message: string): void;

    _windowsSize?: number;
    readonly _closing: boolean;
    readonly _oackExpected: boolean;
    readonly _socket: Socket | null;
    /** The server: the well-known port, until its first answer. */
    readonly _address: string;
    readonly _port: number;
    _initSocket(socket: Socket | null, onMessage: (bytes: Buffer, peer: RemoteInfo) => void): void;
    _open(extensions?: boolean): void;
    _close(error?: Error): void;
    _send(packet: Buffer, sent?: (error: Error | null) => void): void;
    _onMessage(packet: Buffer): void;
    _onOackMessage(options: Readonly<Record<string, string>>): void;
    _onErrorMessage(error: { readonly code: number; readonly message: string }): void;
  }
}
