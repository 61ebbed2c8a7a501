import type { CommandSpec } from "../option-spec.ts";
import { common, views } from "./common.ts";

export const exporter: CommandSpec = {
  name: "export",
  usage: "FILE",
  summary: "offer drivers to the clients of Jumpstarter",
  description:
    "Offers the drivers of FILE, a Jumpstarter ExporterConfig, until SIGINT or SIGTERM: through the controller that FILE " +
    "names, or directly with --listen. On a terminal it shows a live screen, as serve does. Needs the npm package " +
    "@grpc/grpc-js.",
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
    ...views,
    ...common,
  ],
  examples: ["tftp-driver export board.yaml", "tftp-driver export board.yaml --listen unix:/run/boards/board.sock"],
};
