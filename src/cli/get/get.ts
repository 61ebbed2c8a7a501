import { FetchFailed, fetchFile } from "../../main/client/tftp-client.ts";
import type { GetCommand } from "./get-command.ts";
import { ShutdownSignals } from "../shutdown-signals.ts";
import { openOutput } from "../output.ts";
import { ProgressLine } from "./progress-line.ts";
import { formatTftpUrl } from "./tftp-url.ts";

/** Fetches one file. Resolves with the exit code. If it fails it throws, and leaves nothing behind. */
export async function get({ url, out, blockSize, windowSize, timeout }: GetCommand): Promise<number> {
  const shutdown = new ShutdownSignals();
  const failure = new AbortController();
  const signal = AbortSignal.any([shutdown.asked, failure.signal]);
  const output = await openOutput(out);
  output.stream.on("error", (error) => failure.abort(error));
  const progress = new ProgressLine(process.stderr);
  try {
    const bytes = await fetchFile({
      ...url,
      blockSize,
      windowSize,
      timeoutSeconds: timeout,
      signal,
      onSize: (total) => progress.expect(total),
      onData: (data) => {
        output.stream.write(data);
        progress.add(data.length);
      },
    });
    await output.commit();
    progress.end(`${formatTftpUrl(url)}: ${bytes} bytes`);
    return 0;
  } catch (error) {
    progress.end();
    await output.discard();
    if (shutdown.asked.aborted) return shutdown.exitCode;
    const what = error instanceof FetchFailed ? formatTftpUrl(url) : out;
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}
