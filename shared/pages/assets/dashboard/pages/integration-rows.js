// A field of a form that has rows: pairs of a map, or a list of objects.

import { el, iconButton } from "../../dom.js";
import { button } from "../ui.js";

let count = 0;

/**
 * The rows, each with an input for each column: { name, label, help, options, isOptional }. The element's `value` is a list of
 * objects; rows in which nothing stands are not among them. It tells of changes as inputs do.
 */
export function rowsOf(columns, rows, { name, disabled }) {
  const id = `rows${(count += 1)}`;
  const body = el("div", { class: "rows-body" });
  const node = el("div", { class: "rows", role: "group", "aria-label": name },
    columns.map((column, n) => column.options?.length > 0 && el("datalist", { id: `${id}-${n}` }, column.options.map((value) => el("option", { value })))),
    body, !disabled && button("Add a row", () => {
      body.append(row({}));
      tell();
      body.lastElementChild.querySelector("input").focus();
    }, { glyph: "plus" }));

  function row(values) {
    const line = el("div", { class: "row-line" }, columns.map((column, n) => el("input", {
      type: "text", name: `${name} ${column.name}`, "data-column": column.name, value: values[column.name] ?? "", "aria-label": column.label, title: column.help, disabled, dir: "auto", autocomplete: "off", spellcheck: "false",
      placeholder: `${column.label}${column.isOptional ? " (any)" : ""}`, list: column.options?.length > 0 ? `${id}-${n}` : null,
    })), !disabled && iconButton("close", "Take this row away", () => {
      line.remove();
      tell();
      (body.querySelector("input") ?? node.querySelector("button")).focus();
    }));
    return line;
  }
  const tell = () => node.dispatchEvent(new Event("input", { bubbles: true }));

  body.append(...rows.map(row));
  Object.defineProperty(node, "value", { get: () => [...body.children].map((line) => Object.fromEntries([...line.querySelectorAll("input")].map((input) => [input.dataset.column, input.value.trim()]))).filter((values) => Object.values(values).some(Boolean)) });
  return node;
}
