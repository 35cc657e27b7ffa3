// Which of a customer's fields goes where at the CRM, with a preview on a real customer, made here of the customer and the rows.

import { el, fill, named } from "../../dom.js";
import { customerName } from "../../format.js";
import { confirmAct } from "../acts.js";
import { form } from "../forms.js";
import { table } from "../lists.js";
import { button, empty, failure, note, prose, section } from "../ui.js";
import { found } from "./customers.js";
import { changesOf, formFields, heldOf, partsOf } from "./integration-form.js";
import { save } from "./integration-settings.js";

const CUSTOM = "custom_fields.";
const isAny = (name) => name.endsWith("*");

/** What a name of a mapping means: the paths of a customer's fields, in the order in which they are tried; null for none. */
export function meaningOf(customerFields, name) {
  if (Object.hasOwn(customerFields, name) && !isAny(name)) return customerFields[name];
  const pattern = Object.keys(customerFields).filter(isAny).find((one) => name.startsWith(one.slice(0, -1)) && name.length >= one.length);
  if (!pattern) return null;
  const rest = name.slice(pattern.length - 1);
  return customerFields[pattern].map((path) => path.slice(0, -1) + rest);
}

/** What a customer has there, as text; an empty one where there is nothing. */
export function valueOf(customer, paths) {
  const own = (object, name) => (Object.hasOwn(object, name) ? object[name] : null);
  const read = (path) => (path.startsWith(CUSTOM) ? own(customer.custom_fields, path.slice(CUSTOM.length)) : own(customer, path));
  const value = paths.map(read).find((one) => one !== null && one !== undefined && one !== "" && one.length !== 0);
  if (value === undefined) return "";
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The lines of a preview: { name, to, value, isUnknown }. */
export const previewOf = (customerFields, rows, customer) => rows.map(({ name, to }) => {
  const paths = meaningOf(customerFields, name);
  return { name, to, isUnknown: paths === null, value: paths && valueOf(customer, paths) };
});

export const mappings = (app, known) => partsOf(known.form).mappings.map((setting) => mapping(app, known, setting));

function mapping(app, { path, integration }, setting) {
  const against = app.against("admin");
  const lines = el("div", { class: "listing", "aria-live": "polite" });
  let customer = null;
  let rows = heldOf(setting, integration);

  const draw = () => fill(lines, customer && linesOf(setting, rows, customer));
  const node = form({
    fields: formFields([setting], integration, { disabled: Boolean(against) }), label: "Save", against,
    secondary: button("Back to the usual mapping…", () => usual(app, path, setting), { against }),
    changed(values) {
      rows = values[setting.path];
      draw();
    },
    submit: (values) => save(app, path, changesOf([setting], integration, values)),
  });
  const pick = picker(app, (one) => {
    customer = one;
    draw();
  });
  return [section("Mapping", node), section("Preview", el("p", { class: "faint" }, "What would be written of a customer by the rows above, saved or not. Nothing is sent."), pick, lines)];
}

function linesOf({ customer_fields, default: usual }, rows, customer) {
  const all = previewOf(customer_fields, rows, customer);
  return [
    el("h3", null, named(customerName(customer))),
    all.length === 0 ? empty("Nothing is mapped", Object.keys(usual ?? {}).length > 0 ? "Add a row, or go back to the usual mapping." : "Add a row to write a further field there.") : table("Preview", [
      { title: "Our field", cell: ({ name }) => named(name) },
      { title: "Value", cell: ({ value, isUnknown }) => (isUnknown ? note("This is no field that can be mapped.", "bad") : value === "" ? el("span", { class: "faint" }, "nothing, so it is left as it is there") : named(value)) },
      { title: "Goes to", cell: ({ to }) => el("code", { dir: "ltr" }, to || "–") },
    ], all),
    el("p", { class: "faint" }, "A value that does not fit its place there, such as a word for a number, is left out."),
  ];
}

async function usual(app, path, { path: name, default: usualOne, help }) {
  const rows = Object.entries(usualOne ?? {});
  await confirmAct("Back to the usual mapping?", [
    el("p", null, "Your rows go. ", rows.length > 0 ? "Then these hold:" : "Then nothing is mapped beside what is always written."),
    rows.length > 0 && el("ul", { class: "dots" }, rows.map(([from, to]) => el("li", null, from, " → ", el("code", { dir: "ltr" }, to)))), el("p", { class: "faint" }, prose(help)),
  ], "Go back", () => save(app, path, { [name]: null }));
}

// Who the preview is of: the first customer, until somebody looks for another.
function picker(app, chosen) {
  const trouble = el("div", { role: "status" });
  const input = el("input", { type: "search", "data-search": true, placeholder: "ann@example.com", autocomplete: "off", dir: "auto" });
  async function look(event) {
    event?.preventDefault();
    fill(trouble);
    try {
      const text = input.value.trim();
      const [one] = text ? await found(app, text) : (await app.api.get("/api-customers", { limit: 1 }, { signal: app.signal })).customers;
      if (one) chosen(one);
      else fill(trouble, el("p", { class: "note" }, text ? "Nobody is known by that. Beginnings of names, email addresses, phone numbers and ids are looked for." : "There is no customer yet. Whoever writes to one of your channels is one."));
    } catch (error) {
      if (!app.signal.aborted) fill(trouble, failure(error, look));
    }
  }
  void look();
  return el("form", { class: "filter-bar", role: "search", submit: look }, el("label", { class: "filter search" }, el("span", null, "Name, email, phone, or the CRM’s id"), input), button("Show them", look), trouble);
}
