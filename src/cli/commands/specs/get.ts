import type { CommandSpec } from "../option-spec.ts";
import { common } from "./common.ts";

export const get: CommandSpec = {
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
