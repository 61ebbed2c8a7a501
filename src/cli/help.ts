import { readFileSync } from "node:fs";

export const help: string = `Usage:
  tftp-driver serve [DIR] [--host H] [--port P] [--config FILE] [--check]
                    [--json | --plain] [--open-ui PORT] [--metrics-port PORT]
      Serves the files under DIR (default /var/lib/tftpboot), read-only, until
      SIGINT or SIGTERM; running transfers may then end. A second signal cuts
      them short. A terminal shows what goes on, in colors unless NO_COLOR is
      set; into a pipe goes a line for each transfer.
        --host H        address to bind; default: the default route's address
        --port P        UDP port, 0 for any free one; default 69
        --json          every event as one line of JSON on stdout, the first
                        {"type":"listening","host":"...","port":...}
        --plain         lines on a terminal, too
        --open-ui PORT  a page that shows the same, on http://127.0.0.1:PORT/;
                        0 for any free one; default: none
        --config FILE   options from a YAML file; what stands on the command
                        line goes before it. SIGHUP reads its limits again
        --check         only checks the options, prints all of them, and ends
        --metrics-port PORT
                        /metrics for Prometheus and /healthz over HTTP, 0 for
                        any free port; --metrics-host H, default 127.0.0.1

  tftp-driver get tftp://HOST[:PORT]/FILE [-o OUT]
      Fetches FILE into OUT, "-" for stdout; default: its base name here.
      OUT is replaced once everything has come, and left alone if it has not.

  tftp-driver --help | --version

Exit codes: 0 done, 1 failed, 2 bad usage, 128 + N cut short by signal N.
`;

export function version(): string {
  // At the same depth from src/ and from dist/.
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
