import type { CommandSpec } from "../option-spec.ts";
import { common } from "./common.ts";

export const explain: CommandSpec = {
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
