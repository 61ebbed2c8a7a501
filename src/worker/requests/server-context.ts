import type { ServerConfig } from "../../contract/options/server-config.ts";
import type { AccessList } from "./access-list.ts";
import type { DeadlineTimer } from "../transfers/deadline-timer.ts";
import type { BlockCache, ContentSource } from "../content/content.ts";
import type { Reporter } from "../transfers/reporter.ts";
import type { Transport } from "../transport/transport.ts";
import type { TransferPorts } from "./ports/transfer-ports.ts";
import type { PendingWork } from "../transfers/pending-work.ts";

/** What serves requests, the same for all of them. */
export interface ServerContext {
  /** Read anew for each request: its limits may change, and then `access` too. */
  config: ServerConfig;
  access: AccessList;
  readonly source: ContentSource;
  readonly cache: BlockCache;
  readonly transport: Transport;
  readonly ports: TransferPorts;
  readonly timer: DeadlineTimer;
  readonly reporter: Reporter;
  /** Counts what waits for the event loop. */
  readonly pending: PendingWork;
}
