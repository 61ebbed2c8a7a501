import { byId, counted } from "./elements.js";

/** A screen reader is told this often at most, in ms: boards can be quicker than speech. */
const INTERVAL = 5_000;

/** Says what has come to its end; many at once as a number. */
export class Announcer {
  #waiting = [];
  #timer;

  tell(results) {
    if (results.length === 0) return;
    this.#waiting.push(...results.map(({ what, file = "" }) => `${what} ${file}`));
    // As many as are told by number need not be kept by name.
    if (this.#waiting.length > 1_000) this.#waiting.length = 1_000;
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#say(), INTERVAL);
  }

  #say() {
    this.#timer = undefined;
    const waiting = this.#waiting.splice(0);
    byId("announcements").textContent = waiting.length === 1 ? waiting[0] : counted(waiting.length, "new result");
  }
}
