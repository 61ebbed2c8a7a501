// Runs inside a page: what tests ask of it. Read as text, for it is no module of theirs.
globalThis.checks = { focused, shownRows, luminanceOfGround, poorContrasts };

/** What has the focus: its name, and the style of its outline. */
function focused() {
  const element = document.activeElement;
  return [(element.labels?.[0] ?? element).textContent.trim(), getComputedStyle(element).outlineStyle];
}

/** The rows of results that are seen, each as one line. */
function shownRows() {
  const rows = [...document.querySelectorAll("#results-rows tr:not([hidden])")];
  return rows.map((row) => Array.from(row.children, (cell) => cell.textContent).join(" | "));
}

/** Of the page's ground, from 0 to 1. */
function luminanceOfGround() {
  return luminance(getComputedStyle(document.body).backgroundColor);
}

/** The texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3). */
function poorContrasts() {
  const texts = [...document.querySelectorAll("body *")].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()),
  );
  return texts
    .map((element) => `${contrast(element).toFixed(2)} ${element.textContent}`)
    .filter((text) => Number.parseFloat(text) < 4.5);
}

function contrast(element) {
  const lights = [luminance(getComputedStyle(element).color), luminance(groundOf(element))];
  return (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
}

function groundOf(element) {
  const color = getComputedStyle(element).backgroundColor;
  return channels(color)[3] === 0 ? groundOf(element.parentElement) : color;
}

/** Relative luminance, as WCAG defines it. */
function luminance(color) {
  const [red, green, blue] = channels(color)
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(color) {
  return color.match(/[\d.]+/g).map(Number);
}
