import { byId, counted } from "./elements.js";

/** The least time between two announcements, in ms: boards can be faster than speech. */
const INTERVAL = 5_000;

/** Announces new results to a screen reader, several at once as a number. */
export class Announcer {
  #pending = [];
  #timer;

  announce(results) {
    if (results.length === 0) return;
    this.#pending.push(...results.map(({ what, file = "" }) => `${what} ${file}`));
    // Several results are announced as a number, so their names need not be kept.
    if (this.#pending.length > 1_000) this.#pending.length = 1_000;
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#say(), INTERVAL);
  }

  #say() {
    this.#timer = undefined;
    const pending = this.#pending.splice(0);
    byId("announcements").textContent = pending.length === 1 ? pending[0] : counted(pending.length, "new result");
  }
}
