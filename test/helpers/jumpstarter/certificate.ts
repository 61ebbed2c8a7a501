import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate of its own for localhost, and its key, made in that directory by openssl. */
export function makeCertificate(directory: string): { cert: Buffer; key: Buffer; certFile: string; keyFile: string } {
  const [certFile, keyFile] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const files = ["-keyout", keyFile, "-out", certFile];
  execFileSync("openssl", [...request, ...files, "-subj", "/CN=localhost", "-addext", names], { stdio: "ignore" });
  return { cert: readFileSync(certFile), key: readFileSync(keyFile), certFile, keyFile };
}
