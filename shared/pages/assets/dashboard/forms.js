// Forms: fields, and what the API says of them.

import { openDialog } from "../dialog.js";
import { announce, el, fill } from "../dom.js";
import { failure, prose } from "./ui.js";

const RULES = {
  required: "is missing", not_empty: "is empty", unknown_field: "is not known", at_least_1: "needs at least one", url: "is no URL", email: "is no email address",
};
let count = 0;

/** What a rule of the API means, in words. */
export const ruleText = (rule) => RULES[rule] ?? String(rule).replace(/_/g, " ");

/**
 * A field: { name, label, kind, help, value, options, required, placeholder, min, max }. Kinds: text, email, url, secret, number, date, time, area,
 * select, check, checks, and hidden ones that `shown(values)` says. `options`: [value, label, help]. `path`: its name in the API's `details`,
 * where that differs. `make` gives an element of its own with a `value`.
 */
function fieldOf(given) {
  const field = { kind: "text", path: given.name, ...given };
  const id = `f${(count += 1)}`;
  const described = `${id}-help ${id}-error`;
  const common = { id, name: field.name, "aria-describedby": described, "aria-required": field.required ? "true" : null, disabled: field.disabled, placeholder: field.placeholder };
  const { input, read } = KINDS[field.kind](field, common);
  const error = el("p", { class: "field-error", id: `${id}-error` });
  const help = el("p", { class: "faint", id: `${id}-help` }, field.help && prose(field.help));
  const isGroup = field.kind === "checks";
  const label = field.kind !== "check" && el(isGroup ? "legend" : "label", isGroup ? null : { for: id }, field.label, !field.required && !["checks", "select"].includes(field.kind) && el("span", { class: "faint" }, " (optional)"));
  const node = el(isGroup ? "fieldset" : "div", { class: `field ${field.kind}` }, label, input, field.help && help, error);
  const target = isGroup ? input.querySelector("input") : input.matches?.("input, select, textarea") ? input : input.querySelector?.("input, select, textarea") ?? input;
  return {
    field, node, read, target,
    say(text) {
      error.textContent = text ?? "";
      node.classList.toggle("wrong", Boolean(text));
      text ? target?.setAttribute("aria-invalid", "true") : target?.removeAttribute("aria-invalid");
    },
  };
}

const plain = (type) => (field, common) => {
  const input = el("input", { ...common, type, value: field.value ?? "", min: field.min, max: field.max, step: field.step, dir: "auto", autocomplete: field.autocomplete ?? "off", spellcheck: "false" });
  return { input, read: () => input.value.trim() };
};

const KINDS = {
  text: plain("text"),
  email: plain("email"),
  url: plain("url"),
  // Never offered to a password manager as somebody's password.
  secret: (field, common) => plain("password")({ ...field, autocomplete: "new-password" }, common),
  time: plain("time"),
  number(field, common) {
    const { input } = plain("number")(field, common);
    return { input, read: () => (input.value === "" ? null : Number(input.value)) };
  },
  date(field, common) {
    const { input } = plain("datetime-local")(field, common);
    return { input, read: () => (input.value ? new Date(input.value).toISOString() : null) };
  },
  area(field, common) {
    const input = el("textarea", { ...common, rows: String(field.rows ?? 4), dir: "auto", spellcheck: "false" });
    input.value = field.value ?? "";
    return { input, read: () => input.value.trim() };
  },
  select(field, common) {
    const input = el("select", common, field.options.map(([value, label]) => el("option", { value }, label)));
    if (field.value !== undefined && field.value !== null) input.value = field.value;
    return { input, read: () => input.value };
  },
  check(field, common) {
    const input = el("input", { ...common, type: "checkbox" });
    input.checked = Boolean(field.value);
    return { input: el("label", { class: "check-line" }, input, el("span", null, field.label)), read: () => input.checked };
  },
  checks(field, common) {
    const boxes = field.options.map(([value, label, help], at) => {
      const box = el("input", { type: "checkbox", value, name: field.name, disabled: field.disabled, "aria-describedby": at === 0 ? common["aria-describedby"] : null });
      box.checked = (field.value ?? []).includes(value);
      return { box, line: el("label", { class: "check-line" }, box, el("span", null, label, help && el("span", { class: "faint" }, help))) };
    });
    return { input: el("div", { class: "checks" }, boxes.map(({ line }) => line)), read: () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value) };
  },
  own(field) {
    const input = field.make();
    return { input, read: () => input.value };
  },
};

/**
 * A form. `submit(values)` is called with what the fields hold; an ApiError that it throws is said at the fields that the
 * error's `details` name, else above the button. `against`: why it cannot be sent, or null. `changed(values)` hears every change.
 */
export function form({ fields, label, submit, against = null, changed, secondary, kind = "primary" }) {
  const all = fields.map(fieldOf);
  const trouble = el("div", { class: "form-trouble" });
  const send = el("button", { class: `button ${kind}`, disabled: Boolean(against) }, label);
  const node = el("form", { novalidate: true, class: "form", submit: onSubmit, input: refresh, change: refresh },
    all.map((one) => one.node), trouble, against && el("p", { class: "note" }, against), el("div", { class: "form-foot" }, secondary ?? el("span"), send));
  const values = () => Object.fromEntries(all.filter(isShown).map(({ field, read }) => [field.name, read()]));
  const isShown = ({ node: one }) => !one.hidden;

  function refresh() {
    const raw = Object.fromEntries(all.map(({ field, read }) => [field.name, read()]));
    for (const one of all) if (one.field.shown) one.node.hidden = !one.field.shown(raw);
    changed?.(values());
  }

  function mark(wrong) {
    for (const one of all) one.say(wrong.get(one));
    const first = all.find((one) => wrong.has(one));
    first?.target?.focus();
    if (first) announce(`${first.field.label}: ${wrong.get(first)}`);
  }

  async function onSubmit(event) {
    event.preventDefault();
    if (send.disabled) return;
    fill(trouble);
    const missing = all.filter((one) => isShown(one) && one.field.required && isNothing(one.read()));
    mark(new Map(missing.map((one) => [one, "This is missing."])));
    if (missing.length) return;
    send.disabled = true;
    node.setAttribute("aria-busy", "true");
    try {
      await submit(values());
    } catch (error) {
      const rest = saidOf(error);
      if (rest) fill(trouble, failure(rest));
    }
    send.disabled = false;
    node.removeAttribute("aria-busy");
  }

  // Says what belongs to fields; gives the error back where something belongs to none.
  function saidOf(error) {
    const wrong = new Map();
    let isWhole = Boolean(error.details?.length);
    for (const { path, rule } of error.details ?? []) {
      const one = all.find((item) => isShown(item) && (path === item.field.path || path?.startsWith(`${item.field.path}.`) || path?.startsWith(`${item.field.path}[`)));
      if (one) wrong.set(one, error.details.length === 1 ? error.message : `This ${ruleText(rule)}.`);
      else isWhole = false;
    }
    mark(wrong);
    return isWhole ? null : error;
  }

  refresh();
  node.values = values;
  return node;
}

const isNothing = (value) => value === "" || value === null || value === undefined || (Array.isArray(value) && value.length === 0);

/** A form in a dialog, which closes when `submit` is done. Resolves with what `submit` gave, or undefined where it was closed. */
export function formDialog(title, options, intro) {
  return new Promise((resolve) => {
    let given;
    const dialog = openDialog(title, [intro, form({
      ...options,
      secondary: el("button", { type: "button", class: "button quiet", click: () => dialog.close() }, "Cancel"),
      async submit(values) {
        given = await options.submit(values);
        dialog.close();
      },
    })], { wide: options.wide, closed: () => resolve(given) });
    dialog.querySelector("form input, form select, form textarea")?.focus();
  });
}
