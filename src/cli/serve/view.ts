import type { TftpEvent } from "../../contract/events.ts";

/** How `serve` shows what happens. */
export interface View {
  show(event: TftpEvent): void;
  /** Shows a line that is no event. */
  say(line: string): void;
  /** Gives the terminal back; from then on events are shown as plain lines. More than once does no harm. */
  end?(): void;
}
