import { readFileSync } from "node:fs";

export const help: string = `Usage:
  tftp-driver serve [DIR] [--host H] [--port P] [--config FILE] [--check]
                    [--json | --plain] [--open-ui PORT] [--metrics-port PORT]
      Serves the files under DIR (default /var/lib/tftpboot), read-only, until
      SIGINT or SIGTERM. Running transfers may then finish; a second signal
      aborts them. On a terminal it shows a live screen, in color unless
      NO_COLOR is set; otherwise it prints one line per transfer.
        --host H        address to bind; default: the default route's address
        --port P        UDP port, 0 for any free one; default 69
        --json          print each event as a line of JSON on stdout, the first
                        {"type":"listening","host":"...","port":...}
        --plain         print lines on a terminal too, instead of the screen
        --open-ui PORT  dashboard for a browser, on http://127.0.0.1:PORT/;
                        0 for any free port; default: none
        --config FILE   read options from a YAML file. Flags override the file.
                        SIGHUP rereads its limits and its virtual files
        --check         validate the options, print all of them, and exit
        --metrics-port PORT
                        serve /metrics (Prometheus) and /healthz over HTTP; 0
                        for any free port
        --metrics-host H
                        address for --metrics-port; default 127.0.0.1

  tftp-driver get tftp://HOST[:PORT]/FILE [-o OUT]
      Fetches FILE into OUT; default: its base name in this directory; "-" is
      stdout. OUT is replaced only after the whole file has arrived.

  tftp-driver --help | --version

Exit codes: 0 success, 1 failure, 2 bad usage, 128 + N aborted by signal N.
`;

export function version(): string {
  // At the same depth from src/ and from dist/.
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
