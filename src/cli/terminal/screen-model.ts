import type { Activity } from "../../status/activity/activity.ts";
import type { Style } from "./style.ts";

/** Everything that a frame shows. */
export interface ScreenModel {
  readonly activity: Activity;
  /** Lines that stay on the screen: a curl line to try, the URL of the dashboard. */
  readonly notices: readonly string[];
  /** In milliseconds since the epoch. */
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  readonly style: Style;
}
