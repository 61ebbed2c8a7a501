import type { Tone } from "./describe.ts";

/** Where the server stands. `lost`: its thread died for good. */
export type ServerStatus = "starting" | "listening" | "restarting" | "stopping" | "stopped" | "lost";

/** The same for people. */
export const serverStatuses: { readonly [Name in ServerStatus]: { readonly text: string; readonly tone: Tone } } = {
  starting: { text: "starting", tone: "quiet" },
  listening: { text: "listening", tone: "good" },
  restarting: { text: "crashed, restarting", tone: "bad" },
  stopping: { text: "stopping, running transfers may end", tone: "warning" },
  stopped: { text: "stopped", tone: "quiet" },
  lost: { text: "crashed", tone: "bad" },
};
