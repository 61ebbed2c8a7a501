import type { ServerConfig } from "../contract/options.ts";
import type { AccessList } from "./access-list.ts";
import type { Alarm } from "./alarm.ts";
import type { BlockCache, ContentSource } from "./content/content.ts";
import type { Reporter } from "./reporter.ts";
import type { Transport } from "./transport/transport.ts";
import type { Waiting } from "./waiting.ts";

/** What serves requests, the same for all of them. */
export interface Surroundings {
  /** Read anew for each request: its limits may change, and then `access` too. */
  config: ServerConfig;
  access: AccessList;
  readonly source: ContentSource;
  readonly cache: BlockCache;
  readonly transport: Transport;
  readonly alarm: Alarm;
  readonly reporter: Reporter;
  /** What waits for the event loop. */
  readonly waiting: Waiting;
}
