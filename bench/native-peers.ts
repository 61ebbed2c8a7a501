/** A TFTP server that may be installed: how to find and to start it in the foreground, read-only. */
export interface NativePeer {
  readonly id: string;
  /** Looked for on PATH, unless this environment variable names the file. */
  readonly program: string;
  readonly variable: string;
  readonly versionFlag: string;
  readonly needsRoot: boolean;
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  /** A process for each transfer. */
  readonly forks: boolean;
  /** It knows RFC 7440. */
  readonly windows: boolean;
  /** It takes part only if `--peer` names it. */
  readonly onRequest?: true;
  readonly flags: (host: string, port: number, directory: string) => readonly string[];
}

const servers: readonly NativePeer[] = [
  {
    id: "rs-tftpd",
    program: "tftpd",
    variable: "BENCH_RS_TFTPD",
    versionFlag: "--version",
    needsRoot: false,
    host: "127.0.0.1",
    port: 0,
    forks: false,
    windows: true,
    flags: (host, port, directory) => ["-i", host, "-p", `${port}`, "-d", directory, "-r", "-q", "-q"],
  },
  {
    id: "atftpd",
    program: "atftpd",
    variable: "BENCH_ATFTPD",
    versionFlag: "-V",
    // It has no read-only switch: it is given a user who may not write.
    needsRoot: true,
    host: "127.0.0.1",
    port: 0,
    forks: false,
    windows: true,
    flags: (host, port, directory) => [
      ..."--daemon --no-fork --user nobody --group nogroup --logfile /dev/null".split(" "),
      ...`--maxthread 1000 --bind-address ${host} --port ${port}`.split(" "),
      directory,
    ],
  },
  {
    id: "in.tftpd",
    program: "in.tftpd",
    variable: "BENCH_IN_TFTPD",
    versionFlag: "-V",
    needsRoot: true,
    host: "127.0.0.1",
    port: 0,
    forks: true,
    windows: false,
    flags: (host, port, directory) => ["-4", "-L", "-u", "root", "-a", `${host}:${port}`, "-s", directory],
  },
  {
    id: "dnsmasq",
    program: "dnsmasq",
    variable: "BENCH_DNSMASQ",
    versionFlag: "--version",
    // It knows no TFTP port but 69; with an address of its own it is in nobody's way.
    needsRoot: true,
    host: "127.0.0.69",
    port: 69,
    forks: false,
    windows: false,
    flags: (host, _port, directory) => [
      ..."--keep-in-foreground --conf-file=/dev/null --pid-file= --log-facility=/dev/null --port=0".split(" "),
      ...`--user=root --group=root --listen-address=${host} --bind-interfaces --enable-tftp`.split(" "),
      ..."--tftp-max=1000 --edns-packet-max=65000".split(" "),
      `--tftp-root=${directory}`,
    ],
  },
];

interface SinglePort {
  readonly host: string;
  readonly flag: string;
  /** What cannot stand beside it. */
  readonly without?: string;
}

/** The same servers with one port for all transfers, where they have that: beside ours with `ports: "single"`. */
const singlePorts: Readonly<Record<string, SinglePort>> = {
  "rs-tftpd": { host: "127.0.0.1", flag: "--single-port" },
  // An address of its own: the other one may run as well. Bound to it alone, dnsmasq 2.90 sends nothing: ENETUNREACH.
  dnsmasq: { host: "127.0.0.70", flag: "--tftp-single-port", without: "--bind-interfaces" },
};

export const nativePeers: readonly NativePeer[] = servers.flatMap((peer) => {
  const single = singlePorts[peer.id];
  if (!single) return [peer];
  const { host, flag, without } = single;
  const flags: NativePeer["flags"] = (...where) => [...peer.flags(...where).filter((given) => given !== without), flag];
  return [peer, { ...peer, id: `${peer.id}, single port`, host, onRequest: true, flags }];
});
