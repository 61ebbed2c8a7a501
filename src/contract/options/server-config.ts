import type { PortsPolicy } from "./ports.ts";
import type { RuleList } from "../rules/rules.ts";

/** Which symbolic links under the root are served: those that stay "inside" it, all ("follow"), or none ("deny"). */
export type SymlinkPolicy = "inside" | "follow" | "deny";

/**
 * An object store instead of `rootDir`: the name of an OpenDAL service ("s3", "gcs", "azblob", "webdav", "http", "fs",
 * "memory", …), and the options of that service; see OpenDAL's documentation. OpenDAL ignores names that it does not
 * know.
 */
export interface SourceConfig {
  readonly scheme: string;
  readonly [name: string]: string | number | boolean;
}

/** The options that the worker gets, validated: plain data only. */
export interface ServerConfig {
  /**
   * The served directory. Created if missing. A relative path, here and in `cacheDir` and `journal`, is resolved once,
   * by `new Tftp()`.
   * @default "/var/lib/tftpboot"
   */
  readonly rootDir: string;
  /**
   * What to bind, with one port for all of it: a numeric address, an interface ("eth1": all its addresses; "eth1:4",
   * "eth1:6": those of one family), "*" (all addresses of both families) or "" (the default route's address); or an
   * array of these. Interfaces and addresses are followed as they come, go and change.
   * @default ""
   */
  readonly host: string | readonly string[];
  /**
   * The UDP port; 0 takes any free one.
   * @default 69
   */
  readonly port: number;
  /**
   * How long start() waits, in ms, for addresses and interfaces that `host` and `bindDevice` name and that are not there
   * yet; `true`: as long as it takes. It comes on top of `startTimeoutMs`. Without it start() rejects.
   * @default false
   */
  readonly waitForAddress: boolean | number;
  /**
   * The network device that everything is received and sent by (SO_BINDTODEVICE): a VRF, or one of several interfaces
   * with the same addresses. `host: ""` means all addresses then. Needs the native transport.
   * @default undefined
   */
  readonly bindDevice: string | undefined;
  /**
   * The descriptor of a UDP socket that is open in this process and bound already, as systemd's socket activation hands
   * it over: the server receives there, and `host` and `port` are not used. It stays open, except with the transport
   * "dgram" where koffi is not installed: then it is closed with the server, and a second start is refused.
   * @default undefined
   */
  readonly socketFd: number | undefined;
  /**
   * Where transfers leave from: "own", each from a port of its own, as RFC 1350 section 4 has it; "single", all from the
   * well-known port, for NAT and firewalls that let only that one through; or `{ from, to }`, each from a port of its own
   * of that range, picked at random. If acknowledged transfers have all of them, a request is refused as "no-free-port".
   * @default "own"
   */
  readonly ports: PortsPolicy;
  /**
   * The largest `blksize` granted (RFC 2348), in bytes. "mtu": what fits into one packet on the way to the client, as
   * far as the system knows it; see docs/protocol.md.
   * @default 65464
   */
  readonly maxBlockSize: number | "mtu";
  /**
   * The largest `windowsize` granted (RFC 7440), in blocks.
   * @default 64
   */
  readonly maxWindowSize: number;
  /**
   * The largest window in bytes of content, for boards with a small receive buffer: `windowsize` is granted up to as
   * many blocks of the granted `blksize`, and at least 1. 0: no limit.
   * @default 0
   */
  readonly windowBytes: number;
  /**
   * Silence before the first retransmission, in ms; it doubles with each further one, up to 8 s.
   * @default 1000
   */
  readonly retransmitMs: number;
  /**
   * Retransmissions before the server gives a silent client up.
   * @default 8
   */
  readonly maxRetries: number;
  /**
   * How long a client that has acknowledged something may acknowledge nothing more before the server gives it up, in
   * ms, whatever `retransmitMs`, `maxRetries` and a negotiated timeout allow.
   * @default 120000
   */
  readonly maxSilenceMs: number;
  /**
   * Transfers at once. A request over the limit takes the place of the transfer that has been without any ACK for the
   * longest, which ends as "evicted"; if there is none, the request is dropped and counted as "over-limit".
   * @default 4096
   */
  readonly maxTransfers: number;
  /**
   * The same for one client: an IPv4 address, or an IPv6 network of 64 bits.
   * @default 1024
   */
  readonly maxTransfersPerClient: number;
  /**
   * The clients that may ask: IPv4 and IPv6 addresses and CIDR ranges, such as "192.168.1.0/24". A client outside all
   * of them gets no answer, and its request is counted as "denied".
   * @default ["0.0.0.0/0", "::/0"]
   */
  readonly allow: readonly string[];
  /**
   * The clients that may not ask, even if `allow` lists them.
   * @default []
   */
  readonly deny: readonly string[];
  /**
   * Which symbolic links under the root are served: those that stay inside it, all, or none.
   * @default "inside"
   */
  readonly symlinks: SymlinkPolicy;
  /**
   * Whether only files are served that all users of the machine may read (`o+r`), as tftpd-hpa does it: for a server that
   * runs as root. Permissions of directories are not looked at. Only without `source`.
   * @default false
   */
  readonly requireWorldReadable: boolean;
  /**
   * Renames, refuses, or serves from other directories the requests that a rule matches; the first rule that does wins.
   * One rule, or an array of them.
   * @default []
   */
  readonly rules: RuleList;
  /**
   * How datagrams are sent and received: by Node's dgram, by Linux system calls, or by the best that works here.
   * @default "auto"
   */
  readonly transport: "auto" | "dgram" | "native";
  /**
   * Memory for blocks read ahead, shared by all transfers, in bytes.
   * @default 67108864
   */
  readonly readAheadBytes: number;
  /**
   * How long the handler of a virtual file may take, in ms; after that the client gets ERROR 0.
   * @default 3000
   */
  readonly handlerTimeoutMs: number;
  /**
   * Memory for bytes that handlers of virtual files return, over all transfers that send them and what is kept for
   * repeats, in bytes; an answer over it is refused as "handler-error".
   * @default 268435456
   */
  readonly handlerMemoryBytes: number;
  /**
   * Serve from an object store instead of `rootDir`. Needs the npm package opendal.
   * @default undefined
   */
  readonly source: SourceConfig | undefined;
  /**
   * How long one request to the source may take, in ms.
   * @default 10000
   */
  readonly sourceTimeoutMs: number;
  /**
   * A directory that keeps what was fetched from the source; servers may share it. Created if missing. Without it
   * nothing is kept on disk.
   * @default undefined
   */
  readonly cacheDir: string | undefined;
  /**
   * The largest size of `cacheDir`, in bytes; what was unused the longest is removed first.
   * @default 8589934592
   */
  readonly cacheMaxBytes: number;
}
