// Choosing a template: search, parameters, and what the customer will read.

import { el, fill } from "../dom.js";
import { openDialog } from "../dialog.js";

const SLOT = /\{\{\s*([\w]+)\s*\}\}/g;

/** The slots of a template's body in their order, each once; unnamed ones counted if the body shows none. */
export function slotsOf(template) {
  const found = [...new Set([...String(template.body ?? "").matchAll(SLOT)].map((match) => match[1]))];
  const numbered = found.every((slot) => /^\d+$/.test(slot));
  if (numbered) found.sort((a, b) => a - b);
  for (let n = found.length + 1; n <= (template.parameters ?? 0); n += 1) found.push(String(n));
  return found;
}

/** The body with its slots filled. */
export const filled = (template, values) => String(template.body ?? "").replace(SLOT, (whole, slot) => values[slot] || whole);

/** The template as the API takes it; numbered slots by position, others by name. */
export function templateBody(template, values) {
  const slots = slotsOf(template);
  const parameters = slots.map((slot) => ({ type: "text", ...(/^\d+$/.test(slot) ? {} : { parameter_name: slot }), text: values[slot] }));
  return { name: template.name, language: template.language, ...(parameters.length && { components: [{ type: "body", parameters }] }) };
}

/** Asks for a template; `send(template, text)` gets the choice. */
export async function chooseTemplate(api, conversation, send) {
  const content = el("div", { class: "templates" }, el("p", { class: "faint" }, "Loading …"));
  const dialog = openDialog("Send a template", content, { wide: true });
  try {
    const { templates } = await api.templates(conversation);
    if (templates.length === 0) fill(content, el("p", { class: "empty" }, "This account has no approved templates."));
    else showChoice(content, templates, (body, text) => {
      dialog.close();
      send(body, text);
    });
    content.querySelector("input, button")?.focus();
  } catch (error) {
    fill(content, el("p", { class: "trouble" }, error.message));
  }
}

function showChoice(content, templates, send) {
  const names = el("div", { class: "template-names", role: "radiogroup", "aria-label": "Templates" });
  const form = el("form", { class: "template-form", autocomplete: "off" });
  const find = el("input", { type: "search", placeholder: "Find a template", "aria-label": "Find a template", input: () => show(find.value) });

  function pick(template) {
    for (const button of names.children) button.setAttribute("aria-checked", String(button.template === template));
    showForm(form, template, send);
  }

  function show(text) {
    const wanted = text.trim().toLowerCase();
    const found = templates.filter((one) => `${one.name} ${one.body} ${one.language}`.toLowerCase().includes(wanted));
    fill(names, found.map((template) => {
      const button = el("button", { type: "button", role: "radio", "aria-checked": "false", click: () => pick(template) },
        el("strong", { dir: "auto" }, template.name), el("span", { class: "faint" }, [template.language, template.category].filter(Boolean).join(" · ").toLowerCase()));
      button.template = template;
      return button;
    }));
    if (found.length === 0) fill(names, el("p", { class: "empty" }, "Nothing found."));
    else pick(found[0]);
  }

  names.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = by && [...names.children][[...names.children].indexOf(document.activeElement) + by];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.click();
  });
  fill(content, templates.length > 5 && find, el("div", { class: "template-columns" }, names, form));
  show("");
}

function showForm(form, template, send) {
  const values = {};
  const body = el("p", { class: "template-body", dir: "auto" });
  const submit = el("button", { type: "submit", class: "button primary" }, "Send template");
  const slots = slotsOf(template);
  const draw = () => {
    body.textContent = filled(template, values);
    submit.disabled = slots.some((slot) => !values[slot]?.trim());
  };
  const inputs = slots.map((slot) => el("label", null, el("span", null, /^\d+$/.test(slot) ? `Value ${slot}` : slot),
    el("input", { type: "text", dir: "auto", maxlength: "1024", required: true, input: (event) => {
      values[slot] = event.target.value;
      draw();
    } })));
  form.onsubmit = (event) => {
    event.preventDefault();
    if (!submit.disabled) send(templateBody(template, values), filled(template, values));
  };
  fill(form, inputs,
    el("div", { class: "template-preview", "aria-label": "Preview", role: "group" }, template.header && el("strong", { dir: "auto" }, template.header), body, template.footer && el("span", { class: "faint", dir: "auto" }, template.footer)),
    submit);
  draw();
}
