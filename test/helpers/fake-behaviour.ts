/** How the threads of fake-worker.mjs misbehave. "well": not at all. */
export type FakeBehaviour =
  | "well"
  | "mute-start"
  | "slow-start"
  | "crash-start"
  | "exit-start"
  | "greedy-start"
  | "refuse-start"
  | "refuse-restart"
  | "mute-restart"
  | "crash-restart"
  | "slow-restart"
  | "move-restart"
  | "mute-stop"
  | "busy-stop"
  | "slow-stop"
  | "patient-stop"
  | "crash-stop"
  | "refuse-stop"
  | "crash-on-call"
  | "exit-on-call"
  | `probe-${number}`;

/** The `rootDir` by which a fake thread gets to know how to misbehave. */
export function fakeRoot(behaviour: FakeBehaviour): string {
  return `fake:${behaviour}`;
}
