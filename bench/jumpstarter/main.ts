import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { describeMachine } from "../machine.ts";

const ROUNDS = 5;
const BYTES = 100_000_000;

type Exporter = ChildProcessByStdio<null, Readable, null>;
/** MB/s, and the seconds of processor time that each side took. */
type Measured = { readonly rate: number; readonly client: number; readonly exporter: number };
type Round = { readonly up: Measured; readonly down: Measured };

const python = join(process.env["JUMPSTARTER_VENVS"] ?? "", "0.9.0/bin/python");

/** Upload and download rates of Jumpstarter's client, with its own exporter and with ours, in turns. */
async function main(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "tftp-bench-"));
  const all = { upstream: [] as Round[], ours: [] as Round[] };
  try {
    describeMachine().forEach((line) => console.log(line));
    console.log(`${BYTES / 1e6} MB up and down by the Python client 0.9.0 on a unix socket: MB/s, and the seconds of`);
    console.log("processor time of the client and the exporter\n");
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of ["upstream", "ours"] as const) {
        const measured = await measure(name, mkdtempSync(join(home, "round-")));
        all[name].push(measured);
        console.log(`${name.padEnd(8)}  up ${show(measured.up)}   down ${show(measured.down)}`);
      }
    }
    console.log("");
    for (const way of ["up", "down"] as const) {
      const figures = (["rate", "client", "exporter"] as const).map((what) => {
        const [before, now] = [median(all.upstream, way, what), median(all.ours, way, what)];
        return `${words[what]} ${before.toPrecision(3)} upstream, ${now.toPrecision(3)} ours, ${(now / before).toFixed(2)} times`;
      });
      console.log(`${way}, medians: ${figures.join("; ")}`);
    }
  } finally {
    rmSync(home, { recursive: true });
  }
}

const words = { rate: "MB/s", client: "client's s", exporter: "exporter's s" };

function show({ rate, client, exporter }: Measured): string {
  return `${rate.toFixed(0).padStart(5)} (${client.toFixed(2)}, ${exporter.toFixed(2)})`;
}

async function measure(name: "upstream" | "ours", home: string): Promise<Round> {
  const root = join(home, "root");
  mkdirSync(root);
  const socket = join(home, "private/exporter.sock");
  const exporter = name === "ours" ? ours(home, root, socket) : upstream(root);
  try {
    const [line] = (await once(exporter.stdout.setEncoding("utf8"), "data")) as [string];
    const env = {
      ...process.env,
      JUMPSTARTER_HOST: name === "ours" ? socket : line.trim(),
      JMP_DRIVERS_ALLOW: "UNSAFE",
    };
    const script = join(import.meta.dirname, "rates.py");
    const output = execFileSync(python, [script, String(BYTES), home, String(exporter.pid)], {
      env: { ...env, TERM: "dumb" },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return JSON.parse(output.trim().split("\n").at(-1) ?? "") as Round;
  } finally {
    exporter.kill("SIGTERM");
    await once(exporter, "close");
    rmSync(home, { recursive: true, force: true });
  }
}

function ours(home: string, root: string, socket: string): Exporter {
  const config = { root_dir: root, host: "127.0.0.1", port: 0, journal: false };
  const drivers = { tftp: { type: "jumpstarter_driver_tftp.driver.Tftp", config } };
  const file = join(home, "board.yaml");
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: "jumpstarter.dev/v1alpha1", kind: "ExporterConfig", export: drivers }),
  );
  const cli = join(import.meta.dirname, "../../dist/cli.js");
  return launch(process.execPath, [cli, "export", file, "--listen", `unix:${socket}`]);
}

function upstream(root: string): Exporter {
  return launch(python, [join(import.meta.dirname, "upstream_exporter.py"), root]);
}

function launch(program: string, args: readonly string[]): Exporter {
  return spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
}

function median(rounds: readonly Round[], way: keyof Round, what: keyof Measured): number {
  const sorted = rounds.map((each) => each[way][what]).toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

if (existsSync(python)) await main();
else {
  console.error(
    "bench: JUMPSTARTER_VENVS names no directory with a virtual environment 0.9.0 of Jumpstarter's packages",
  );
  process.exitCode = 2;
}
