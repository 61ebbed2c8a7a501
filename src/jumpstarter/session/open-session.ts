import { Tftp } from "../../main/tftp.ts";
import { eventText } from "../../status/text/event-text.ts";
import { severity } from "../../status/text/severity.ts";
import { DriverTree } from "../drivers/driver-tree.ts";
import type { ExportRoot } from "../drivers/export-tree.ts";
import type { ExporterEvents } from "../exporter-events.ts";
import { checkFetchPolicy, type FetchPolicy } from "../fetch/fetch-policy.ts";
import type { ExporterStatus } from "../../contract/events/exporter-events.ts";
import { type LogLevel, LogRing } from "./log-ring.ts";
import { Session } from "./session.ts";
import { StatusBoard } from "./status-board.ts";

const levels = { debug: "DEBUG", info: "INFO", warn: "WARNING", error: "ERROR" } as const satisfies Record<
  string,
  LogLevel
>;

/** What a session begins with. */
export interface SessionStart {
  readonly root: ExportRoot;
  readonly description: string | undefined;
  readonly fetchUrls?: FetchPolicy | undefined;
  readonly status: ExporterStatus;
  readonly message: string;
  readonly endLease?: () => void;
}

/**
 * A session with its drivers. What they report is in its log, for its clients, too.
 * @throws {TftpError} INVALID_OPTION if something of it cannot be exported; what making a driver failed with.
 */
export function openSession(start: SessionStart, events: ExporterEvents): Session {
  const log = new LogRing();
  const tree = new DriverTree(start.root, start.description);
  for (const driver of tree.drivers) if (driver instanceof Tftp) logEvents(driver, log);
  return new Session({
    tree,
    log,
    status: new StatusBoard(start.status, start.message),
    observer: {
      onCall: (call) => events.emit({ type: "driver-call", ...call }),
      onMoved: (moved) => events.emit({ type: "file-moved", ...moved }),
      onFailure: (message, error) => {
        events.warn(message, error);
        log.add("ERROR", message, "SYSTEM");
      },
    },
    fetchUrls: checkFetchPolicy(start.fetchUrls),
    endLease: start.endLease,
  });
}

/** Ends by itself when the driver is closed. */
function logEvents(tftp: Tftp, log: LogRing): void {
  tftp.on("*", (event) => {
    if (event.type !== "progress") log.add(levels[severity(event)], eventText(event), "DRIVER");
  });
}
