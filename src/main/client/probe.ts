import { TftpError } from "../../contract/errors.ts";
import { checkArgument } from "../../contract/options/resolve-options.ts";
import { aborted, unlessAborted } from "../../shared/abort.ts";
import { reachable } from "./reachable.ts";
import type { ServerThread } from "../server/thread/server-thread.ts";
import { nodeCrypto } from "../../shared/lazy-builtins.ts";

/** A few blocks, so that the probe sees more than the first packet. In bytes. */
const SIZE = 4_096;
const PATIENCE = 5_000;

export interface ProbeOptions {
  /** How long it may take, in ms, 1 to 2147483647. Default 5000. */
  readonly timeoutMs?: number | undefined;
  /** Cancels the probe: it rejects with ABORTED. */
  readonly signal?: AbortSignal | undefined;
}

/** The probe was answered, with the right bytes. */
export interface ProbeResult {
  /** From the request to the last block, in ms. */
  readonly latencyMs: number;
  /** The address and port that it was sent to. */
  readonly host: string;
  readonly port: number;
}

/** Fetches random bytes that exist for this one request, as a board would: the `tftp` client, the bound port. */
export async function probe(thread: ServerThread, { timeoutMs, signal }: ProbeOptions): Promise<ProbeResult> {
  const limit = checkArgument("timeoutMs", timeoutMs) ?? PATIENCE;
  const late = AbortSignal.timeout(limit);
  const end = AbortSignal.any(signal ? [late, signal] : [late]);
  const name = `.probe-${nodeCrypto().randomUUID()}`;
  const content = nodeCrypto().randomBytes(SIZE);
  try {
    const opened = thread.call("openProbe", name, content);
    const at = await unlessAborted(opened, "probe", end);
    // npm `tftp` takes as long to load as the rest of this package, and few programs need it.
    const { fetchFile } = await import("./tftp-client.ts");
    const server = { host: reachable(at.address), port: at.port };
    const began = performance.now();
    const got: Buffer[] = [];
    await fetchFile({ ...server, file: name, signal: end, onData: (data) => got.push(data) });
    const latencyMs = performance.now() - began;
    if (!Buffer.concat(got).equals(content)) throw new Error("the received bytes differ from those that were served");
    return { ...server, latencyMs };
  } catch (error) {
    if (signal?.aborted) throw aborted("probe", signal);
    const reason = late.aborted ? `no answer within ${limit} ms` : (error as Error).message;
    throw new TftpError("PROBE_FAILED", `the probe failed: ${reason}`, { cause: error });
  } finally {
    // A thread that is gone has forgotten it anyway.
    thread.call("closeProbe", name).catch(() => {});
  }
}
