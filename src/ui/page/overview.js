import { byId, element, setText } from "./elements.js";

/** Shows address, status and counters. */
export function showOverview({ address, status, exporter = [], totals, served, runningCount }) {
  setText(byId("address"), address);
  showExporter(exporter);
  showStatus(status.text, status.tone);
  document.title = `${runningCount > 0 ? `(${runningCount}) ` : ""}TFTP ${address}`;
  showTotals([...totals.map(({ name, count }) => [`${count}`, name]), [served, "served"]]);
}

/** Shows that the connection is lost; the rest of the page keeps the last known state. */
export function showLost() {
  showStatus("disconnected, reconnecting", "bad");
}

function showStatus(text, tone) {
  setText(byId("status"), text);
  byId("status").dataset.tone = tone;
}

/** Shows the holder of the lease, and how the exporter is reached. */
function showExporter(lines) {
  const list = byId("exporter");
  list.hidden = lines.length === 0;
  while (list.children.length > lines.length) list.lastChild.remove();
  while (list.children.length < lines.length) list.append(element("li", "status"));
  for (const [index, { text, tone }] of lines.entries()) {
    setText(list.children[index], text);
    list.children[index].dataset.tone = tone;
  }
}

function showTotals(totals) {
  const list = byId("totals");
  while (list.children.length > totals.length) list.lastChild.remove();
  while (list.children.length < totals.length) {
    const item = element("li");
    item.append(element("strong"), " ", element("span"));
    list.append(item);
  }
  for (const [index, [amount, name]] of totals.entries()) {
    const [strong, span] = list.children[index].children;
    setText(strong, amount);
    setText(span, name);
  }
}
