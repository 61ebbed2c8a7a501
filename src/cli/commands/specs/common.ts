import type { OptionSpec } from "../option-spec.ts";

/** Every command has these. */
export const common: readonly OptionSpec[] = [
  { name: "help", short: "h", summary: "print this help and exit" },
  { name: "version", short: "v", summary: "print the version and exit" },
];

/** How what happens is shown by a command that runs until a signal. */
export const views: readonly OptionSpec[] = [
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
];
