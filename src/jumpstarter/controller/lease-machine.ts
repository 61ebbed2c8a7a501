import type { LeaseStatus } from "../wire/controller-messages.ts";

/** The lease that an exporter should serve, as the controller has last said it. */
export interface WantedLease {
  readonly name: string;
  readonly client: string;
}

/** What is to be done next. Steps run one after the other; the machine is asked again after each. */
export type LeaseStep =
  /** Make a session, and let its clients in. */
  | { readonly do: "begin"; readonly lease: WantedLease }
  /** Close the drivers and report AVAILABLE; clients may still ask for the status. */
  | { readonly do: "finish" }
  /** End the session with all that it holds. */
  | { readonly do: "end" }
  /** Report the status again: the controller may have forgotten it. */
  | { readonly do: "report" };

/**
 * Decides how an exporter follows its leases. Without I/O: it takes what the controller and the client say, at any
 * time, and answers what to do next. What comes while a step runs is remembered, only the last of it, so that a lease
 * that flaps costs no more than an end and a beginning.
 */
export class LeaseMachine {
  #wanted: WantedLease | undefined;
  #current: WantedLease | undefined;
  /** The controller has said meanwhile that there is no lease: the same name again means another one. */
  #isOver = false;
  /** The lease that could not be begun: it is not tried again. */
  #failed: string | undefined;
  #finish: "no" | "asked" | "done" = "no";
  #mustReport = false;
  #leaving = false;

  /** The lease that is being served. */
  get current(): WantedLease | undefined {
    return this.#current;
  }

  /** Whether the lease that is being served is over: the step that ends it is the next one, or runs. */
  get isEnding(): boolean {
    return this.#leaving || this.#isOver;
  }

  /** What the Status stream said; repeats are possible. */
  onStatus({ leased, leaseName, clientName }: LeaseStatus): void {
    this.#wanted = leased && leaseName ? { name: leaseName, client: clientName ?? "" } : undefined;
    if (this.#wanted?.name !== this.#current?.name) this.#isOver = true;
    if (this.#wanted?.name !== this.#failed) this.#failed = undefined;
  }

  /** The controller was lost, and is there again: it may not know the status any more. */
  onReconnected(): void {
    this.#mustReport = true;
  }

  /** The client has asked to end its session. */
  onEndSession(): void {
    if (this.#current && this.#finish === "no") this.#finish = "asked";
  }

  /** The exporter closes: no lease is begun any more. */
  onLeaving(): void {
    this.#leaving = true;
  }

  /** The session could not be made: the lease is left alone until the controller says another one. */
  onBeginFailed(): void {
    this.#failed = this.#current?.name;
    this.#current = undefined;
  }

  /** The step to take now, or undefined if there is none. */
  next(): LeaseStep | undefined {
    return this.#current ? this.#nextWhileLeased() : this.#nextWhileFree();
  }

  #nextWhileLeased(): LeaseStep | undefined {
    if (this.#leaving || this.#isOver) {
      this.#current = undefined;
      this.#isOver = false;
      this.#mustReport = false;
      return { do: "end" };
    }
    if (this.#finish === "asked") {
      this.#finish = "done";
      this.#mustReport = false;
      return { do: "finish" };
    }
    return this.#report();
  }

  #nextWhileFree(): LeaseStep | undefined {
    this.#isOver = false;
    this.#finish = "no";
    if (this.#leaving) return undefined;
    if (!this.#wanted || this.#wanted.name === this.#failed) return this.#report();
    this.#current = this.#wanted;
    this.#mustReport = false;
    return { do: "begin", lease: this.#wanted };
  }

  #report(): LeaseStep | undefined {
    if (!this.#mustReport || this.#leaving) return undefined;
    this.#mustReport = false;
    return { do: "report" };
  }
}
