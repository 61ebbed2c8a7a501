import type { StateEvent } from "../../contract/events/events.ts";
import type { Tone } from "../text/severity.ts";
import { type ServerStatus, statusWords } from "../text/words.ts";

const tones: { readonly [Status in ServerStatus]: Tone } = {
  stopped: "quiet",
  starting: "quiet",
  running: "good",
  stopping: "warning",
  failed: "bad",
  restarting: "bad",
};

/** The status that a change of the state leads to. */
export function statusAfter({ state, previous }: Pick<StateEvent, "state" | "previous">): ServerStatus {
  return state === "starting" && previous === "running" ? "restarting" : state;
}

/** A status as people read it. */
export function showStatus(status: ServerStatus): { readonly text: string; readonly tone: Tone } {
  return { text: statusWords[status], tone: tones[status] };
}
