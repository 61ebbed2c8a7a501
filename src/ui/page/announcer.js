import { byId, counted } from "./elements.js";

/** The least time between two announcements, in ms: boards can be faster than speech. */
const INTERVAL = 5_000;

/** Announces new results to a screen reader, several at once as a number. */
export class Announcer {
  /** How many results wait to be announced. */
  #count = 0;
  /** Only of a single one the words are announced. */
  #latest = "";
  #timer;

  announce(results) {
    if (results.length === 0) return;
    const { what, file = "" } = results.at(-1);
    this.#count += results.length;
    this.#latest = `${what} ${file}`;
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#say(), INTERVAL);
  }

  #say() {
    byId("announcements").textContent = this.#count === 1 ? this.#latest : counted(this.#count, "new result");
    this.#timer = undefined;
    this.#count = 0;
  }
}
