import { byId, element, setText } from "./elements.js";

/** The item of each running transfer, by its id. */
const items = new Map();

/** Removes all of them. */
export function forgetRunning() {
  showRunning([], 0);
}

/** @param count how many transfers run; `transfers` are the first of them. */
export function showRunning(transfers, count) {
  const shown = new Set(transfers.map(({ id }) => id));
  for (const [id, item] of items) {
    if (shown.has(id)) continue;
    item.remove();
    items.delete(id);
  }
  for (const transfer of transfers) update(items.get(transfer.id) ?? create(transfer), transfer);
  byId("running-none").hidden = count > 0;
  setText(byId("running-count"), count > 0 ? `${count}` : "");
  byId("running-more").hidden = count === transfers.length;
  setText(byId("running-more"), `… and ${count - transfers.length} more`);
}

function create({ id, file, client }) {
  const item = element("li");
  const bar = element("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", `${file} to ${client}`);
  item.append(
    element("span", "file", file),
    element("span", "speed"),
    bar,
    element("span", "client", client),
    element("span", "amount"),
    element("span", "eta"),
  );
  items.set(id, item);
  byId("running").append(item);
  return item;
}

function update(item, { share, amount, speed, eta }) {
  const [, speedCell, bar, , amountCell, etaCell] = item.children;
  // A bar without a value shows activity, not progress.
  if (share === undefined) bar.removeAttribute("value");
  else bar.value = share;
  setText(speedCell, speed);
  setText(amountCell, amount);
  setText(etaCell, [share === undefined ? "" : `${Math.floor(share * 100)} %`, eta].filter(Boolean).join(" · "));
}
