// Everything is inserted as text, never as markup.

/** @param {string} id */
export function byId(id) {
  return document.getElementById(id);
}

/** Creates an element with a class and a text. */
export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className !== "") made.className = className;
  if (text !== "") made.textContent = text;
  return made;
}

/** Sets the text if it has changed, so that a screen reader does not read it out again. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** "1 result", "2 results" */
export function counted(count, name) {
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
