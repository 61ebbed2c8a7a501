import type { TftpEvent } from "../../../contract/events/events.ts";
import type { ExporterEvent } from "../../../contract/events/exporter-events.ts";

/** How `serve` and `export` show what happens. */
export interface View {
  show(event: TftpEvent | ExporterEvent): void;
  /** Shows a line that is no event. */
  say(line: string): void;
  /** Gives the terminal back; from then on events are shown as plain lines. More than once does no harm. */
  end?(): void;
}
