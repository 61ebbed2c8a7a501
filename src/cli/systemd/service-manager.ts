import { openNotifySocket, type Send } from "./notify-socket.ts";

/** How long to wait until a full socket is tried again, in ms. */
const RETRY_MS = 100;
/** The messages that wait for that at most: the oldest goes first. */
const MAX_WAITING = 16;

/** What the unit of this process asks for, in the environment (sd_notify(3), sd_watchdog_enabled(3)). */
export interface NotifyRequest {
  readonly socket: string;
  /** How often to report that all is well, in ms: half of what the watchdog allows. Undefined without one. */
  readonly watchdogMs?: number;
}

/** Undefined if systemd does not ask. Removes the variables, so that no child process takes them for its own. */
export function takeNotifyRequest(env: NodeJS.ProcessEnv, pid: number): NotifyRequest | undefined {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: forPid } = env;
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete env[name];
  if (socket === undefined || !/^[/@]/.test(socket)) return undefined;
  const isOurs = forPid === undefined || forPid === String(pid);
  const micros = Number(usec);
  if (!isOurs || !Number.isInteger(micros) || micros <= 0) return { socket };
  return { socket, watchdogMs: Math.max(1, Math.floor(micros / 2_000)) };
}

/** Reports the state of the service to systemd. */
export class ServiceManager {
  readonly #send: Send;
  readonly #waiting: string[] = [];
  #retry: NodeJS.Timeout | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #status = "";

  static async open({ socket }: NotifyRequest, onError: (error: Error) => void): Promise<ServiceManager> {
    return new ServiceManager(await openNotifySocket(socket, onError));
  }

  constructor(send: Send) {
    this.#send = send;
  }

  ready(status: string): void {
    this.#status = status;
    this.#notify(`READY=1\nSTATUS=${status}`);
  }

  /** To be followed by `ready`. systemd tells by the time to which reload it belongs. */
  reloading(): void {
    this.#notify(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1_000n}`);
  }

  stopping(): void {
    this.#notify("STOPPING=1\nSTATUS=stopping: running transfers may finish");
  }

  /** One line for `systemctl status`. */
  status(text: string): void {
    if (text === this.#status) return;
    this.#status = text;
    this.#notify(`STATUS=${text}`);
  }

  /** Reports at that interval that all is well, whenever `isWell` has resolved. */
  watch(intervalMs: number, isWell: () => Promise<unknown>): void {
    let isAsking = false;
    const ask = async (): Promise<void> => {
      if (isAsking) return;
      isAsking = true;
      await isWell();
      isAsking = false;
      this.#notify("WATCHDOG=1");
    };
    this.#watchdog = setInterval(() => void ask(), intervalMs).unref();
  }

  close(): void {
    clearInterval(this.#watchdog);
    clearTimeout(this.#retry);
  }

  #notify(text: string): void {
    this.#waiting.push(text);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#retry);
    while (this.#waiting[0] !== undefined && this.#send(this.#waiting[0])) this.#waiting.shift();
    if (this.#waiting.length > 0) this.#retry = setTimeout(() => this.#flush(), RETRY_MS).unref();
  }
}
