import { byId } from "./elements.js";

/** What the person wants to see: parts of a file's name and a client's address, in any case; problems only. */
export class ResultFilter {
  #file = byId("filter-file");
  #client = byId("filter-client");
  #problems = byId("filter-problems");

  /** @param onChange the person has changed it. */
  constructor(onChange) {
    for (const input of [this.#file, this.#client, this.#problems]) input.addEventListener("input", onChange);
  }

  lets({ file = "", client = "", tone, what }) {
    return (
      has(file, this.#file.value) &&
      has(client, this.#client.value) &&
      (!this.#problems.checked || isProblem(tone, what))
    );
  }
}

function has(text, part) {
  return text.toLowerCase().includes(part.trim().toLowerCase());
}

/** A board that probes for a name gets no file either: who looks for a reason wants to see it. */
function isProblem(tone, what) {
  return tone === "warning" || tone === "bad" || what === "refused";
}
