// The settings of a connection, a form for each part of its table.

import { el, toast } from "../../dom.js";
import { busy } from "../acts.js";
import { form } from "../forms.js";
import { button, prose, section } from "../ui.js";
import { changesOf, formFields, partsOf, testOf } from "./integration-form.js";
import { check } from "./integration-check.js";
import { advised } from "./integration-state.js";

/** What `PUT` changes, told and shown. */
export async function save(app, path, changes) {
  if (Object.keys(changes).length === 0) return toast("Nothing has changed.");
  try {
    await app.api.put(path, changes);
  } catch (error) {
    throw advised(error);
  }
  toast("Saved.");
  app.reload();
}

const formOf = (app, path, settings, integration, more) => form({
  fields: formFields(settings, integration, { disabled: Boolean(more.against) }), label: "Save", ...more,
  submit: (values) => save(app, path, changesOf(settings, integration, values)),
});

/** The part of the connection itself: address and keys, with a check of what stands in the form, saved or not. */
export function connectionPart(app, path, { settings, integration, against }) {
  const result = el("div", { class: "listing", role: "status" });
  const isNew = !integration.updated_at;
  const node = formOf(app, path, settings, integration, {
    against,
    secondary: button("Check", (event) => busy(event, () => check(app, path, result, testOf(settings, integration, node.values()))), { against }),
  });
  return section("Connection", el("p", { class: "faint" }, isNew ? "Enter the address and the key, check them, and save. Nothing is sent before you switch on." : "Check asks the CRM with what stands here, saved or not. Keys are sealed, and shown to nobody."), node, result);
}

export function settingsView(app, path, { integration, form: table }) {
  const against = app.against("admin");
  const { connection, others } = partsOf(table);
  return [
    connectionPart(app, path, { settings: connection, integration, against }),
    others.map(({ title, help, settings }) => section(title, help && el("p", { class: "faint" }, prose(help)), formOf(app, path, settings, integration, { against }))),
  ];
}
