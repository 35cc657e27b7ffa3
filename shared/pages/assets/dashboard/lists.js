// Lists: a table that pages by cursor, with filters that stand in the address.

import { announce, el, fill } from "../dom.js";
import { button, failure } from "./ui.js";

/** Most rows of a list that grows by itself. */
const MOST_ROWS = 500;

/**
 * A table. `columns`: { title, cell(row), kind } with kind "num" or "acts". On a narrow page each row is a card, whose lines
 * are named by the titles. `label` names it for screen readers.
 */
export function table(label, columns, rows, { open } = {}) {
  const body = el("tbody", null, rows.map((row) => rowOf(columns, row, open)));
  const node = el("table", { class: "table", "aria-label": label }, el("thead", null, el("tr", null, columns.map(({ title, kind }) => el("th", { scope: "col", class: kind }, title)))), body);
  node.add = (more) => body.append(...more.map((row) => rowOf(columns, row, open)));
  node.addBefore = (more) => body.prepend(...more.map((row) => rowOf(columns, row, open)));
  return node;
}

function rowOf(columns, row, open) {
  const node = el("tr", null, columns.map(({ title, cell, kind }) => el("td", { class: kind, "data-label": title }, el("div", null, cell(row)))));
  // The row is easy to hit; its link or button is what the keyboard reaches.
  if (open) {
    node.classList.add("opens");
    node.addEventListener("click", (event) => !event.target.closest("a, button, input, summary") && !String(getSelection()) && open(row));
  }
  return node;
}

/**
 * A list that pages. `load(filters, cursor)` gives { rows, next } where `next` is the cursor of what follows, or null.
 * `filters`: [{ name, label, kind: "search" | "select", options }]. `none(isFiltered)` gives the empty state.
 */
export function pagedList(app, { label, columns, load, none, filters = [], open }) {
  const box = el("div", { class: "list" });
  const bar = filters.length > 0 && el("form", { class: "filter-bar", role: "search", "aria-label": `Filter: ${label}`, submit: (event) => event.preventDefault() }, filters.map(control));
  let turn = 0;

  function control(filter) {
    const { name, label: text, kind = "select", options = [], placeholder } = filter;
    const value = app.filters[name] ?? "";
    const input = kind === "select"
      ? el("select", { name, change: apply }, options.map(([option, words]) => el("option", { value: option }, words)))
      : el("input", { name, type: kind === "search" ? "search" : kind, placeholder, "data-search": kind === "search", autocomplete: "off", dir: "auto", input: slow, change: apply });
    input.value = value;
    return el("label", { class: `filter ${kind}` }, el("span", null, text), input);
  }

  let timer = 0;
  function slow() {
    clearTimeout(timer);
    timer = setTimeout(apply, 300);
  }

  function apply() {
    clearTimeout(timer);
    const given = Object.fromEntries(filters.map(({ name }) => [name, bar.elements[name].value.trim()]));
    const same = filters.every(({ name }) => (app.filters[name] ?? "") === given[name]);
    if (same) return;
    app.setFilters({ ...app.filters, ...given });
    void first();
  }

  const wanted = () => Object.fromEntries(filters.map(({ name }) => [name, app.filters[name] ?? ""]));

  async function first() {
    const mine = (turn += 1);
    box.setAttribute("aria-busy", "true");
    try {
      const { rows, next } = await load(wanted(), null);
      if (mine !== turn) return;
      const isFiltered = Object.values(wanted()).some(Boolean);
      if (rows.length === 0) fill(box, none(isFiltered));
      else {
        const shown = table(label, columns, rows, { open });
        fill(box, shown, more(shown, next));
      }
      if (isFiltered) announce(rows.length ? `${rows.length}${next ? " or more" : ""} found` : "Nothing found");
    } catch (error) {
      if (mine === turn) fill(box, failure(error, first));
    }
    box.setAttribute("aria-busy", "false");
  }

  function more(shown, cursor) {
    if (!cursor) return null;
    const foot = el("div", { class: "list-foot" });
    const ask = button("Show more", async () => {
      const mine = turn;
      fill(foot, el("span", { class: "faint" }, "Loading…"));
      try {
        const { rows, next } = await load(wanted(), cursor);
        if (mine !== turn) return;
        shown.add(rows);
        announce(`${rows.length} more`);
        const following = more(shown, next);
        following ? foot.replaceWith(following) : foot.remove();
        following?.querySelector("button").focus();
      } catch (error) {
        if (mine === turn) fill(foot, failure(error), ask);
      }
    });
    return fill(foot, ask);
  }

  const ready = first();
  const node = el("div", { class: "listing" }, bar, box);
  /** Puts new rows, newest first, above those that are there. */
  node.addBefore = (rows) => {
    const shown = box.querySelector("table");
    if (!shown) return void first();
    shown.addBefore(rows);
    // A page that is watched for hours stays bounded.
    for (const old of [...shown.tBodies[0].rows].slice(MOST_ROWS)) old.remove();
    announce(`${rows.length} new`);
  };
  node.refresh = first;
  node.ready = ready;
  return node;
}

/** What most pages of the API are, as `pagedList` takes it. */
export const paged = (page, name) => ({ rows: page[name], next: page.has_more ? page.next_cursor : null });
