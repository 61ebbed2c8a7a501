/**
 * Who reads our output may leave (`| head`). Boards must keep booting: the server goes on, without output.
 * `get` to stdout takes the error for its own end.
 */
export function surviveClosedPipes(): void {
  let told = false;
  process.stdout.on("error", (error) => {
    if (!told) process.stderr.write(`tftp-driver: stdout: ${error.message}\n`);
    told = true;
  });
  // Nobody is left to be told.
  process.stderr.on("error", () => {});
}
