/**
 * Keeps the process alive if the reader of its output goes away (`| head`): boards must keep booting, so the server
 * continues without output. `get` to stdout handles the error itself.
 */
export function surviveClosedPipes(): void {
  let reported = false;
  process.stdout.on("error", (error) => {
    if (!reported) process.stderr.write(`tftp-driver: stdout: ${error.message}\n`);
    reported = true;
  });
  // There is no stream left to report it on.
  process.stderr.on("error", () => {});
}
