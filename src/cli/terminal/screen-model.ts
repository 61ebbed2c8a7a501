import type { Activity } from "../../status/activity.ts";
import type { Style } from "./style.ts";

/** Everything that a frame shows. */
export interface ScreenModel {
  readonly activity: Activity;
  /** Said once, worth reading all along: how to try it, where the page is. */
  readonly notices: readonly string[];
  /** In milliseconds since the epoch. */
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  readonly style: Style;
}
