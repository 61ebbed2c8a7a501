import type { Endpoint } from "../../contract/endpoint.ts";
import type { StartedServer } from "../../main/server/types.ts";
import type { Tftp } from "../../main/tftp.ts";
import type { Activity } from "../../status/activity/activity.ts";
import { formatBytes, formatEndpoints } from "../../status/text/format.ts";
import { showStatus } from "../../status/activity/server-status.ts";
import { type NotifyRequest, ServiceManager } from "./service-manager.ts";

/** How often the line for `systemctl status` is brought up to date at most, in ms. */
const STATUS_INTERVAL_MS = 5_000;

/** What systemd gets to know of `serve`. Without systemd nothing happens. */
export class ServiceReport {
  readonly #manager: ServiceManager | undefined;
  readonly #request: NotifyRequest | undefined;
  readonly #activity: Activity;
  /** What was bound at the start; the event that says so may come later than the start's answer. */
  #started: readonly Endpoint[] = [];
  #timer: NodeJS.Timeout | undefined;

  static async open(
    request: NotifyRequest | undefined,
    activity: Activity,
    say: (line: string) => void,
  ): Promise<ServiceReport> {
    const onError = (error: Error): void => say(`systemd is not informed: ${error.message}`);
    return new ServiceReport(request && (await ServiceManager.open(request, onError)), request, activity);
  }

  private constructor(manager: ServiceManager | undefined, request: NotifyRequest | undefined, activity: Activity) {
    this.#manager = manager;
    this.#request = request;
    this.#activity = activity;
  }

  /** The server has started. From now on the watchdog is fed whenever its thread answers. */
  started(tftp: Tftp, { addresses }: StartedServer): void {
    if (!this.#manager) return;
    this.#started = addresses.map(({ host, port }) => ({ address: host, port }));
    this.#manager.ready(this.#status);
    if (this.#request?.watchdogMs !== undefined) this.#manager.watch(this.#request.watchdogMs, () => tftp.snapshot());
    this.#timer = setInterval(() => this.#manager?.status(this.#status), STATUS_INTERVAL_MS).unref();
  }

  async reload(work: () => Promise<void>): Promise<void> {
    this.#manager?.reloading();
    await work();
    this.#manager?.ready(this.#status);
  }

  stopping(): void {
    clearInterval(this.#timer);
    this.#manager?.stopping();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#manager?.close();
  }

  /** "listening on 192.0.2.1:69, 3 running; 120 complete, 2 failed, 4.2 GiB served" */
  get #status(): string {
    const { hasListened, endpoints, status, runningCount, totals } = this.#activity;
    const counts = totals.list.filter(({ count }) => count > 0).map(({ name, count }) => `${count} ${name}, `);
    const done = `${counts.join("")}${formatBytes(totals.bytes)} served`;
    return `${showStatus(status).text} on ${formatEndpoints(hasListened ? endpoints : this.#started)}, ${runningCount} running; ${done}`;
  }
}
