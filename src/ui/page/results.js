import { byId, counted, element, setText } from "./elements.js";
import { ResultFilter } from "./result-filter.js";

/** How many results are kept, as on the server. */
const KEEP = 500;

/** The table of results that pass the filter, the newest on top. */
export class Results {
  #rows = byId("results-rows");
  /** Each result with its row, by key; the oldest first. */
  #entries = new Map();
  #filter = new ResultFilter(() => this.#sift());

  clear() {
    this.#entries.clear();
    this.#rows.replaceChildren();
    this.#count();
  }

  /** Adds results; one with a known key replaces the earlier one. */
  add(results) {
    for (const result of results) this.#put(result);
    for (const [key, { row }] of this.#entries) {
      if (this.#entries.size <= KEEP) break;
      row.remove();
      this.#entries.delete(key);
    }
    if (results.length > 0) this.#count();
  }

  #put(result) {
    const row = createRow(result);
    row.hidden = !this.#filter.lets(result);
    const known = this.#entries.get(result.key);
    if (known) known.row.replaceWith(row);
    else this.#rows.prepend(row);
    this.#entries.set(result.key, { result, row });
  }

  #sift() {
    for (const { result, row } of this.#entries.values()) row.hidden = !this.#filter.lets(result);
    this.#count();
    setText(byId("announcements"), byId("results-count").textContent);
  }

  #count() {
    const all = this.#entries.size;
    const shown = [...this.#entries.values()].filter(({ row }) => !row.hidden).length;
    const none = all === 0 ? "No results yet." : "No results match the filter.";
    setText(
      byId("results-count"),
      all === 0 ? "" : shown === all ? `the last ${all}` : `${shown} of ${counted(all, "result")}`,
    );
    setText(byId("results-none"), none);
    byId("results-none").hidden = shown > 0;
  }
}

function createRow({ at, tone, what, file = "", client = "", detail }) {
  const row = element("tr");
  row.setAttribute("role", "row");
  const badge = element("span", "what", what);
  badge.dataset.tone = tone;
  const cells = [time(at), badge, file, client, detail];
  const names = ["time", "what-cell", "file", "client", "detail"];
  for (const [index, content] of cells.entries()) {
    const cell = element("td", names[index]);
    cell.setAttribute("role", "cell");
    cell.append(content);
    row.append(cell);
  }
  return row;
}

/** The time of a result, with its date if that is not today. */
function time(at) {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  const made = element("time", "", today ? date.toLocaleTimeString("en-GB") : date.toLocaleString("en-GB"));
  made.dateTime = date.toISOString();
  return made;
}
