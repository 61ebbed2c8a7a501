import { byId } from "./elements.js";

/** The filter fields: parts of the file's name and of the client's address, in any letter case; problems only. */
export class ResultFilter {
  #file = byId("filter-file");
  #client = byId("filter-client");
  #problems = byId("filter-problems");

  /** @param onChange called after each change of a field. */
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

/** A refusal counts as a problem, although many are harmless: its reason is what the reader is looking for. */
function isProblem(tone, what) {
  return tone === "warning" || tone === "bad" || what === "refused";
}
