/** The man page, made of the table of commands: man(7) macros. */
import { commandTable } from "../src/cli/commands/command-table.ts";
import { type CommandSpec, type OptionSpec, optionText } from "../src/cli/commands/option-spec.ts";

const EXIT_STATUS = [
  ["0", "Success; for serve: stopped by a signal, and all transfers ended."],
  [
    "1",
    "Failure: the start, the transfer, or the server's thread for good. For get also: nothing listens on the port.",
  ],
  ["2", "Bad usage: options, URL, configuration file, a directory that does not exist."],
  ["128+N", "Aborted by signal N: 130 for SIGINT, 143 for SIGTERM."],
] as const;

const SIGNALS = [
  ["SIGINT, SIGTERM", "Stop. Running transfers may finish; a second signal aborts them."],
  ["SIGHUP", "With --config: read the file again, and apply its limits, rules and virtual files."],
] as const;

const ENVIRONMENT = [
  ["HOST, PORT", "Stand in for --host and --port of serve. A HOST that is no numeric address is ignored."],
  ["NO_COLOR", "No colors on the terminal."],
  ["NODE_DEBUG=tftp", "Details on standard error."],
  ["NOTIFY_SOCKET, WATCHDOG_USEC, LISTEN_FDS, LISTEN_PID", "Set by systemd(1): see sd_notify(3), sd_listen_fds(3)."],
] as const;

export function manPage(): string {
  const commands = commandTable.filter(({ name }) => name !== "help");
  return [
    String.raw`.\" Written by npm run docs:cli from src/cli/commands/command-table.ts.`,
    `.TH TFTP\\-DRIVER 1 "" "tftp\\-driver" "User Commands"`,
    ".SH NAME",
    "tftp\\-driver \\- read\\-only TFTP server, and client",
    ".SH SYNOPSIS",
    ...commands.flatMap(synopsis),
    ".SH DESCRIPTION",
    plain("A TFTP server (RFC 1350, 2347, 2348, 2349, 7440) that serves the files of a directory, and a client."),
    ...commands.flatMap(section),
    ".SH SIGNALS",
    ...SIGNALS.flatMap(term),
    ".SH ENVIRONMENT",
    ...ENVIRONMENT.flatMap(term),
    ".SH EXIT STATUS",
    ...EXIT_STATUS.flatMap(term),
    ".SH EXAMPLES",
    ...commands.flatMap(({ examples }) => examples).flatMap((line) => [".PP", ".nf", plain(line), ".fi"]),
    ".SH SEE ALSO",
    ".BR systemd.service (5),",
    ".BR systemd.socket (5)",
    "",
  ].join("\n");
}

function synopsis({ name, usage }: CommandSpec, index: number): string[] {
  return [...(index === 0 ? [] : [".br"]), `.B tftp\\-driver ${plain(name)}`, `${plain(usage)} [OPTION...]`];
}

function section({ name, description, options }: CommandSpec): string[] {
  return [`.SS ${plain(name)}`, plain(description), ...options.flatMap(option)];
}

function option(spec: OptionSpec): string[] {
  const { name, short, value } = spec;
  const names = [...(short === undefined ? [] : [`\\fB\\-${short}\\fR, `]), `\\fB\\-\\-${plain(name)}\\fR`].join("");
  return [".TP", value === undefined ? names : `${names} \\fI${plain(value)}\\fR`, sentence(optionText(spec))];
}

function term([name, text]: readonly [string, string]): string[] {
  return [".TP", `.B ${plain(name)}`, plain(text)];
}

/** Summaries are phrases. */
function sentence(text: string): string {
  return plain(`${text[0]?.toUpperCase()}${text.slice(1)}.`);
}

/** Text that roff takes as it is: no escapes, no quotes or dashes that it would make pretty, no control lines. */
function plain(text: string): string {
  const escaped = text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq").replaceAll('"', "\\(dq");
  return escaped.startsWith(".") ? `\\&${escaped}` : escaped;
}
