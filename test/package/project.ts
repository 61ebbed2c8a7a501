import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, inject } from "vitest";

/** What npm would publish. */
export const tarball: string = inject("tarball");

/** Tests that install packages are skipped without a registry, unless REQUIRE_CLIENTS says that there must be one. */
export const isOffline: boolean = !inject("online") && process.env["REQUIRE_CLIENTS"] !== "1";

const directories: string[] = [];
// Here, and not by each project: a hook that is registered in a test, or in another hook, never runs.
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** A directory of a user, with these files, removed when the tests of this file are over. */
export class Project {
  readonly directory: string = mkdtempSync(join(tmpdir(), "tftp-user-"));

  constructor(files: Readonly<Record<string, string>> = {}) {
    directories.push(this.directory);
    this.write({ "package.json": '{ "private": true }', ...files });
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(this.path(name)), { recursive: true });
      writeFileSync(this.path(name), text);
    }
  }

  /** Runs a program here. Resolves with what it has written. @throws {Error} with that, if it fails. */
  run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { cwd: this.directory, env: { ...usersEnvironment(), ...env }, timeout: 600_000 };
      execFile(command, args, options, (error, stdout, stderr) => {
        const output = `${stdout}${stderr}`;
        if (error) reject(new Error(`${command} ${args.join(" ")}: ${error.message}\n${output}`, { cause: error }));
        else resolve(output);
      });
    });
  }
}

/** This process's, without vitest's own variables and those of the npm that runs it: they are none of a user's. */
export function usersEnvironment(): NodeJS.ProcessEnv {
  const own = /^(?:VITEST|NODE_ENV$|NODE_OPTIONS$|TFTP_|npm_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}

/** A program that serves a file, fetches it through UDP, and prints "served". `options` are in the words of JavaScript. */
export function agent(options = "{}", load = 'import { Tftp } from "tftp-driver";'): string {
  return `${load}
async function main() {
  const fs = await import("node:fs");
  const rootDir = fs.mkdtempSync(temporary() + "/tftp-agent-");
  const tftp = new Tftp({ host: "127.0.0.1", port: 0, rootDir, journal: false, ...${options} });
  tftp.on("warning", ({ message }) => console.log("warning:", message));
  try {
    await tftp.start();
    await tftp.storage.write("board/image", "content");
    if (fs.readFileSync(rootDir + "/board/image", "utf8") !== "content") throw new Error("not written");
    await tftp.probe({ timeoutMs: 60_000 });
    console.log("served");
  } catch (error) {
    console.log(error.code, error.message);
  } finally {
    await tftp.close();
    fs.rmSync(rootDir, { recursive: true, force: true });
  }
}
function temporary() {
  return process.env.TMPDIR ?? "/tmp";
}
void main();
`;
}
