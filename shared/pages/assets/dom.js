// Building elements. Text of others reaches the page only as text nodes and checked attributes.

const SVG = "http://www.w3.org/2000/svg";

/** The element with this id; the shell has them all. */
export const byId = (id) => document.getElementById(id);

/**
 * A new element. A function among the properties listens to the event of that name; `null`, `undefined`
 * and `false` are left out. Children that are strings become text nodes.
 */
export function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) setProperty(node, name, value);
  add(node, children);
  return node;
}

function setProperty(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function") node.addEventListener(name, value);
  else if (name === "class") node.className = value;
  else if (name === "value") node.value = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false && child !== "") node.append(child);
  }
}

/** Empties an element and gives it these children. */
export function fill(node, ...children) {
  node.replaceChildren();
  add(node, children);
  return node;
}

/** An icon of the sprite; with a label it is an image of its own, else decoration. */
export function icon(name, label, extra = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${extra}`.trim());
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
    const title = document.createElementNS(SVG, "title");
    title.textContent = label;
    svg.append(title);
  } else {
    svg.setAttribute("aria-hidden", "true");
  }
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A button with an icon alone, named for screen readers and on hover. */
export function iconButton(name, label, click, extra = "") {
  return el("button", { type: "button", class: `icon-button ${extra}`.trim(), "aria-label": label, title: label, click }, icon(name));
}

/** A person's name: isolated, so that its direction does not reach its neighbours. */
export const named = (text, extra) => el("bdi", { class: extra, dir: "auto" }, text);

/**
 * Makes the children of `parent` those of `items`, keeping every element whose signature is the same:
 * a playing video, a focus, a selection survive a refresh.
 */
export function reconcile(parent, items, { key, signature, build }) {
  const before = parent.reconciled ?? new Map();
  const after = new Map();
  let place = parent.firstChild;
  for (const item of items) {
    const id = key(item);
    const mark = signature(item);
    const old = before.get(id);
    const kept = old && old.mark === mark;
    const node = kept ? old.node : build(item);
    after.set(id, { node, mark });
    if (old && !kept) {
      const focused = old.node.contains(document.activeElement);
      if (place === old.node) place = old.node.nextSibling;
      old.node.replaceWith(node);
      if (focused && node.tabIndex >= -1) node.focus({ preventScroll: true });
    }
    if (node === place) place = place.nextSibling;
    else if (node.nextSibling !== place || node.parentNode !== parent) parent.insertBefore(node, place);
  }
  // A message that was just sent comes back under another key: who stood on it stands on the last.
  let isLost = false;
  while (place) {
    const next = place.nextSibling;
    isLost ||= place.contains(document.activeElement);
    place.remove();
    place = next;
  }
  if (isLost) parent.lastElementChild?.focus({ preventScroll: true });
  parent.reconciled = after;
}

/** Says something to screen readers. */
export function announce(text) {
  const live = byId("live");
  live.append(el("p", null, text));
  while (live.childElementCount > 5) live.firstChild.remove();
}

let toastTimer = 0;

/** A short notice at the edge of the page; for what went wrong out of sight. */
export function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    box.hidden = true;
  }, 6000);
}
