import type { CommandSpec, OptionSpec } from "./option-spec.ts";

/** Every command has these. */
const common: readonly OptionSpec[] = [
  { name: "help", short: "h", summary: "print this help and exit" },
  { name: "version", short: "v", summary: "print the version and exit" },
];

const serve: CommandSpec = {
  name: "serve",
  usage: "[DIR]",
  summary: "serve a directory, read-only",
  description:
    "Serves the files under DIR (default /var/lib/tftpboot), read-only, until SIGINT or SIGTERM. Running transfers may " +
    "then finish; a second signal aborts them. On a terminal it shows a live screen, in color unless NO_COLOR is set; " +
    "otherwise it prints one line per transfer. Options override the environment, which overrides the configuration " +
    "file. Under systemd it serves on the socket that it is given, and reports its state.",
  completes: "directory",
  options: [
    {
      name: "host",
      short: "H",
      value: "HOST,...",
      multiple: true,
      env: "HOST",
      summary:
        'what to bind: numeric addresses, interfaces (eth1, eth1:4, eth1:6), * for all addresses (default), "" for the ' +
        "address of the default route; may be repeated",
    },
    { name: "port", short: "p", value: "PORT", env: "PORT", summary: "UDP port, 0 for any free one; default 69" },
    {
      name: "wait-for-address",
      value: "MS",
      summary: "wait so long for an address or interface that is not there yet; true: as long as it takes",
    },
    { name: "bind-device", value: "DEVICE", summary: "receive and send by this device only, such as a VRF (Linux)" },
    { name: "create", summary: "create DIR if it does not exist" },
    {
      name: "config",
      value: "FILE",
      completes: "file",
      summary: "read options from a YAML file; SIGHUP rereads its limits, rules and virtual files",
    },
    { name: "check", summary: "validate the options, print all of them, and exit" },
    {
      name: "transport",
      value: "NAME",
      completes: ["auto", "dgram", "native"],
      summary: "how datagrams are sent and received: auto (default), dgram or native",
    },
    {
      name: "ports",
      value: "PORTS",
      completes: ["own", "single"],
      summary: "where transfers leave from: own (default), single (the well-known port) or a range such as 50000-50100",
    },
    {
      name: "allow",
      value: "RANGE,...",
      multiple: true,
      summary: "clients that may ask: addresses and CIDR ranges; may be repeated; default: all",
    },
    {
      name: "deny",
      value: "RANGE,...",
      multiple: true,
      summary: "clients that may not ask, even if they are allowed; may be repeated",
    },
    { name: "require-world-readable", summary: "serve only files that all users may read (o+r)" },
    {
      name: "user",
      value: "NAME[:GROUP]",
      summary: "once the port is bound, become this user, with its groups or only GROUP; for a start as root",
    },
    {
      name: "block-size-max",
      value: "BYTES",
      summary: "largest blksize granted, 8 to 65464, or mtu: what fits one packet; default 65464",
    },
    { name: "window-max", value: "BLOCKS", summary: "largest windowsize granted, 1 to 65535; default 64" },
    { name: "window-bytes", value: "BYTES", summary: "largest window granted in bytes, such as 64K; default no limit" },
    { name: "read-ahead", value: "BYTES", summary: "memory for blocks read ahead, such as 64M (default) or 1G" },
    {
      name: "json",
      summary: 'print each event as a line of JSON on stdout, the first {"type":"listening","host":"...","port":...}',
    },
    { name: "plain", summary: "print lines on a terminal too, instead of the screen" },
    {
      name: "open-ui",
      value: "PORT",
      summary: "dashboard for a browser, on http://127.0.0.1:PORT/; 0 for any free port",
    },
    {
      name: "metrics-port",
      value: "PORT",
      summary: "serve /metrics (Prometheus) and /healthz over HTTP; 0 for any free port",
    },
    { name: "metrics-host", value: "HOST", summary: "address for --metrics-port; default 127.0.0.1" },
    ...common,
  ],
  examples: [
    "tftp-driver serve . -p 6969",
    "tftp-driver serve /srv/tftp --host 192.168.1.100 --allow 192.168.1.0/24",
    "tftp-driver serve --config tftp.yaml --metrics-port 9100",
  ],
};

const get: CommandSpec = {
  name: "get",
  usage: "tftp://HOST[:PORT]/FILE",
  summary: "fetch a file",
  description:
    "Fetches FILE. The output is replaced only after the whole file has arrived, and nothing is left behind otherwise.",
  options: [
    {
      name: "output",
      short: "o",
      value: "OUT",
      completes: "file",
      summary: 'the output; "-" is stdout; default: the base name of FILE, in this directory',
    },
    { name: "blksize", value: "BYTES", summary: "block size to ask for, 8 to 65464 (RFC 2348); default 1428" },
    { name: "windowsize", value: "BLOCKS", summary: "window size to ask for, 1 to 65535 (RFC 7440); default 16" },
    {
      name: "timeout",
      value: "SECONDS",
      summary:
        "silence before a retransmission, on both sides, 1 to 255 (RFC 2349); " +
        "after six times as long it gives up; default: 0.5, and 8 to give up",
    },
    ...common,
  ],
  examples: [
    "tftp-driver get tftp://192.168.1.100/board1/zImage",
    "tftp-driver get tftp://[::1]:6969/hello.txt -o - --blksize 512 --windowsize 1",
  ],
};

const explain: CommandSpec = {
  name: "explain",
  usage: "NAME --client ADDRESS --config FILE",
  summary: "say which rule and which file a request would lead to",
  description:
    "Says which rule of the configuration file a request for NAME would meet, where the file is looked for, and what the " +
    "client would get. Nothing is served. The exit code is 1 if it would get no file.",
  options: [
    { name: "client", short: "c", value: "ADDRESS", summary: "the client that would ask: a numeric address" },
    { name: "mode", value: "MODE", completes: ["octet", "netascii"], summary: "octet (default) or netascii" },
    {
      name: "option",
      value: "NAME[=VALUE]",
      multiple: true,
      summary: "an option that it would ask for, such as blksize=1456; may be repeated",
    },
    { name: "config", value: "FILE", completes: "file", summary: "the configuration file of serve" },
    { name: "json", summary: "print one line of JSON" },
    ...common,
  ],
  examples: ["tftp-driver explain pxelinux.cfg/default --client 192.168.7.21 --config tftp.yaml"],
};

const exporter: CommandSpec = {
  name: "export",
  usage: "FILE",
  summary: "offer drivers to the clients of Jumpstarter",
  description:
    "Offers the drivers of FILE, a Jumpstarter ExporterConfig, until SIGINT or SIGTERM: through the controller that FILE " +
    "names, or directly with --listen. Needs the npm package @grpc/grpc-js.",
  completes: "file",
  options: [
    { name: "listen", value: "ADDRESS", summary: "unix:/PATH or [HOST:]PORT for clients; without HOST 127.0.0.1" },
    { name: "tls-cert", value: "FILE", completes: "file", summary: "the certificate, as PEM" },
    { name: "tls-key", value: "FILE", completes: "file", summary: "its key, as PEM" },
    { name: "insecure", summary: "allow clear text on an address other than loopback" },
    { name: "passphrase-file", value: "FILE", completes: "file", summary: "clients must give the passphrase in it" },
    {
      name: "fetch-urls",
      value: "POLICY",
      completes: ["never", "network", "anywhere"],
      summary:
        "URLs that clients upload from: never, network (not this machine, its link or a cloud's metadata), or anywhere; " +
        "default: network",
    },
    { name: "json", summary: "print each event as a line of JSON on stdout" },
    ...common,
  ],
  examples: ["tftp-driver export board.yaml", "tftp-driver export board.yaml --listen unix:/run/boards/board.sock"],
};

const shell: CommandSpec = {
  name: "shell",
  usage: "FILE -- COMMAND",
  summary: "run a command that drives them by Jumpstarter's client",
  description:
    "Runs COMMAND with JUMPSTARTER_HOST set to a private socket, on which the drivers of FILE are offered. Its exit code " +
    "is that of COMMAND. Needs the npm package @grpc/grpc-js.",
  completes: "file",
  options: common,
  examples: ["tftp-driver shell board.yaml -- python boot.py"],
};

const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

const completion: CommandSpec = {
  name: "completion",
  usage: "bash | zsh | fish",
  summary: "print a script that completes commands and options in a shell",
  description: "Prints a script for the shell, which completes commands, options and files.",
  completes: shells,
  options: common,
  examples: [
    "source <(tftp-driver completion bash)",
    "tftp-driver completion zsh > ~/.zfunc/_tftp-driver",
    "tftp-driver completion fish > ~/.config/fish/completions/tftp-driver.fish",
  ],
};

const help: CommandSpec = {
  name: "help",
  usage: "[COMMAND]",
  summary: "print help, of all commands or of one",
  description: "Prints help.",
  completes: ["serve", "get", "explain", "export", "shell", "completion"],
  options: common,
  examples: [],
};

/** All commands: what help, completion, the man page and the parser are made of. */
export const commandTable: readonly CommandSpec[] = [serve, get, explain, exporter, shell, completion, help];

/** The options without a command. */
export const globalOptions: readonly OptionSpec[] = common;

export function findCommand(name: string): CommandSpec | undefined {
  return commandTable.find((command) => command.name === name);
}

export function isShell(name: string): name is Shell {
  return (shells as readonly string[]).includes(name);
}
