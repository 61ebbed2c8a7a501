import type { Counters } from "../../../contract/events/counters.ts";
import { TftpError } from "../../../contract/errors.ts";
import type { TftpEvent } from "../../../contract/events/events.ts";
import type { MainApi, ServerSnapshot } from "../../../contract/thread/server-api.ts";
import type { LifetimeCounters } from "../../events/lifetime-counters.ts";
import type { VirtualFiles } from "../../virtual-files.ts";
import { ServerThread, type SpawnOptions } from "./server-thread.ts";

/** What outlives the threads. */
export interface SpawnerDependencies {
  readonly emit: (event: TftpEvent) => void;
  readonly lifetimeCounters: Pick<LifetimeCounters, "begin" | "update">;
  readonly virtualFiles: VirtualFiles;
  readonly openStore: MainApi["openStore"];
}

/** Spawns one thread after the other, and passes on what they report. */
export class ThreadSpawner {
  readonly #dependencies: SpawnerDependencies;
  #nextTransferId = 1;

  constructor(dependencies: SpawnerDependencies) {
    this.#dependencies = dependencies;
  }

  /** The next thread numbers its transfers from here on: an id is unique while the driver lives. */
  get nextTransferId(): number {
    return this.#nextTransferId;
  }

  /**
   * Spawns a thread that knows the virtual files, and does not serve yet.
   * @throws {TftpError} START_FAILED if its entry is not there, or if no thread can be spawned at all, as under Node's
   *   permission model.
   */
  spawn(options: SpawnOptions): ServerThread {
    const { lifetimeCounters, openStore, virtualFiles } = this.#dependencies;
    const main: MainApi = {
      onEvents: (events, counters) => this.#receive(events, counters),
      openStore,
      provideFile: (...asked) => virtualFiles.provide(...asked),
    };
    try {
      const thread = new ServerThread(main, options);
      virtualFiles.attach(thread);
      lifetimeCounters.begin();
      return thread;
    } catch (error) {
      if (error instanceof TftpError) throw error;
      throw new TftpError("START_FAILED", `no thread can be spawned: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Takes over what a snapshot shows: the thread may die before its events report the same. */
  note({ transfers, counters }: ServerSnapshot): void {
    for (const { id } of transfers) this.#noteTransfer(id);
    this.#dependencies.lifetimeCounters.update(counters);
  }

  #receive(events: readonly TftpEvent[], counters: Counters): void {
    this.#dependencies.lifetimeCounters.update(counters);
    for (const event of events) {
      if ("id" in event) this.#noteTransfer(event.id);
      this.#dependencies.emit(event);
    }
  }

  #noteTransfer(id: number): void {
    this.#nextTransferId = Math.max(this.#nextTransferId, id + 1);
  }
}
