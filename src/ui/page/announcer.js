import { byId, counted } from "./elements.js";

/** The least time between two announcements, in ms: boards can be faster than speech. */
const INTERVAL = 5_000;

/** Announces new results to a screen reader, several at once as a number. */
export class Announcer {
  #waiting = [];
  #timer;

  announce(results) {
    if (results.length === 0) return;
    this.#waiting.push(...results.map(({ what, file = "" }) => `${what} ${file}`));
    // Several results are announced as a number, so their names need not be kept.
    if (this.#waiting.length > 1_000) this.#waiting.length = 1_000;
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#say(), INTERVAL);
  }

  #say() {
    this.#timer = undefined;
    const waiting = this.#waiting.splice(0);
    byId("announcements").textContent = waiting.length === 1 ? waiting[0] : counted(waiting.length, "new result");
  }
}
