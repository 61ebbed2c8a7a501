import { TftpError } from "../../contract/errors.ts";
import type { TftpEvent, TransferEndedEvent } from "../../contract/events/events.ts";
import { checkArgument } from "../../contract/options/resolve-options.ts";
import { aborted, onAbort } from "../../shared/abort.ts";
import { WaitDiagnostics } from "./wait-diagnostics.ts";
import { compileFilter, matches, type TransferFilter } from "./transfer-filter.ts";

export interface WaitOptions {
  /** In ms, 1 to 2147483647. Default: as long as the server runs. */
  readonly timeoutMs?: number | undefined;
  /** Cancels the wait: it rejects with ABORTED. */
  readonly signal?: AbortSignal | undefined;
}

/** A time by the system's clock, as events bear it, that follows when that clock is set back. */
class Since {
  readonly #at = Date.now();
  readonly #offset = offset();

  /** True if that is the time of this moment or a later one. */
  isBefore(at: number): boolean {
    const moved = offset() - this.#offset;
    return at >= this.#at + (moved < -SET_BACK_MS ? moved : 0);
  }
}

/** The two clocks drift apart by less, unless one is set. */
const SET_BACK_MS = 1_000;

function offset(): number {
  return Date.now() - performance.now();
}

interface Wait {
  readonly see: (event: TftpEvent) => void;
  readonly fail: (reason: TftpError) => void;
}

/** The calls that wait for a transfer to end. */
export class TransferWaits {
  readonly #waits = new Set<Wait>();

  /** @throws {TftpError} INVALID_OPTION, WAIT_TIMEOUT, ABORTED, or what `endAll` was given. */
  async add(filter: TransferFilter, { timeoutMs, signal }: WaitOptions): Promise<TransferEndedEvent> {
    if (signal?.aborted) throw aborted("waitForTransfer", signal);
    const matcher = compileFilter(filter);
    const limit = checkArgument("timeoutMs", timeoutMs);
    const diagnostics = new WaitDiagnostics(matcher);
    const since = new Since();
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#waits.delete(wait);
        clearTimeout(timer);
        unlisten();
      };
      const wait: Wait = {
        see: (event) => {
          // Events come in batches: this one may have happened before the call.
          const meant = event.type === "transfer-ended" && since.isBefore(event.at) && matches(matcher, event);
          if (!meant) return diagnostics.note(event);
          settle();
          resolve(event);
        },
        fail: (reason) => {
          settle();
          reject(reason);
        },
      };
      const timeOut = (): void => {
        const message = `no ${matcher.description} has ended within ${limit} ms; meanwhile: ${diagnostics.describe()}`;
        wait.fail(new TftpError("WAIT_TIMEOUT", message));
      };
      const timer = limit === undefined ? undefined : setTimeout(timeOut, limit);
      this.#waits.add(wait);
      const unlisten = onAbort(signal, () => wait.fail(aborted("waitForTransfer", signal)));
    });
  }

  see(event: TftpEvent): void {
    for (const wait of this.#waits) wait.see(event);
  }

  /** Rejects all of them: no such transfer will end. */
  endAll(reason: TftpError): void {
    for (const wait of this.#waits) wait.fail(reason);
  }
}
