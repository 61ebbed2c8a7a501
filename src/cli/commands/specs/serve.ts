import type { CommandSpec } from "../option-spec.ts";
import { common, views } from "./common.ts";

export const serve: CommandSpec = {
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
    ...views,
    ...common,
  ],
  examples: [
    "tftp-driver serve . -p 6969",
    "tftp-driver serve /srv/tftp --host 192.168.1.100 --allow 192.168.1.0/24",
    "tftp-driver serve --config tftp.yaml --metrics-port 9100",
  ],
};
