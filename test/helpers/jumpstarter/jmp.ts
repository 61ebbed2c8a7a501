import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExporterGround } from "./exporter-ground.ts";
import { venvProgram } from "./venvs.ts";

/** An ExporterConfig of one Tftp; `more` are further keys of the file, in lines of their own. */
export function writeExporterConfig(ground: ExporterGround, more = ""): string {
  const file = join(ground.directory, "board.yaml");
  writeFileSync(
    file,
    `apiVersion: jumpstarter.dev/v1alpha1\nkind: ExporterConfig\nmetadata: {namespace: lab, name: board-1}\n${more}export:\n` +
      "  tftp:\n    type: jumpstarter_driver_tftp.driver.Tftp\n" +
      `    config: {root_dir: ${ground.root}, host: 127.0.0.1, port: 0, journal: false}\n`,
  );
  return file;
}

/** A ClientConfig for a controller whose certificate is that of its authority, too. */
export function writeClientConfig(ground: ExporterGround, endpoint: string, cert: Buffer): string {
  const file = join(ground.directory, "client.yaml");
  writeFileSync(
    file,
    "apiVersion: jumpstarter.dev/v1alpha1\nkind: ClientConfig\nmetadata: {namespace: lab, name: tester}\n" +
      `endpoint: ${endpoint}\ntoken: ${jwt()}\ntls: {ca: ${cert.toString("base64")}}\ndrivers: {allow: [], unsafe: true}\n`,
  );
  return file;
}

/** What Jumpstarter's command prints, on both streams, with spaces for the line breaks that it puts into what it logs. */
export async function jmp(version: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { ...process.env, JMP_DRIVERS_ALLOW: "UNSAFE", TERM: "dumb", ...more };
  const child = spawn(venvProgram(version, "jmp"), args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (output += text.toString()));
  await once(child, "close");
  return output.replace(/\s+/g, " ");
}

/** The client wants a token that looks like one; nobody checks its signature. */
function jwt(): string {
  return `${jwtPart({ alg: "none" })}.${jwtPart({ sub: "x", iss: "x", exp: Math.floor(Date.now() / 1_000) + 86_400 })}.x`;
}

function jwtPart(json: object): string {
  return Buffer.from(JSON.stringify(json)).toString("base64url");
}
