// The customer's card, and how the conversation stands.

import { byId, el, fill, iconButton, named } from "../dom.js";
import { customerName, label, plainDate, plainName, plainValue, safeHref } from "../format.js";
import { avatar } from "./message.js";

const STATUSES = [["open", "Open"], ["pending", "Pending"], ["snoozed", "Snoozed"], ["closed", "Closed"]];
const PRIORITIES = [["low", "Low"], ["medium", "Medium"], ["high", "High"], ["urgent", "Urgent"]];
const MOST_TAG = 50;

/** The card. `app`: boot, list, assigner, change(thread, changes). */
export function createCard(app) {
  const box = byId("card");
  const layout = byId("app");
  let thread = null;
  let mark = "";

  const wide = () => matchMedia("(min-width: 1080px)").matches;
  const shown = () => layout.dataset.card === "open" || (layout.dataset.card === "auto" && wide());

  function place() {
    const visible = Boolean(thread) && shown();
    box.hidden = !visible;
    byId("toggle-card").setAttribute("aria-expanded", String(visible));
  }

  function toggle(open = !shown()) {
    const focusInside = box.contains(document.activeElement);
    layout.dataset.card = open ? "open" : "closed";
    place();
    if (open && !wide()) box.querySelector("button")?.focus();
    if (!open && focusInside) byId("toggle-card").focus();
  }

  function show(next) {
    // A drawer covers what one wants to read next.
    if (thread && thread.id !== next?.id && !wide()) layout.dataset.card = "closed";
    thread = next;
    place();
    if (!thread?.conversation) return;
    const now = JSON.stringify([thread.id, thread.loaded, state(thread.conversation), thread.customer]);
    // Drawn anew only when something differs: a tag that is being typed would be lost.
    if (now === mark) return;
    const focused = box.contains(document.activeElement) ? document.activeElement.id : null;
    mark = now;
    draw();
    if (focused) byId(focused)?.focus();
  }

  const state = ({ status, priority, assignee, tags }) => [status, priority, assignee, tags];

  function draw() {
    const customer = thread.customer ?? thread.conversation.customer;
    fill(box,
      el("header", { class: "card-head" }, avatar(customer?.id, customerName(customer), "large"),
        el("h2", null, named(customerName(customer))), iconButton("close", "Hide the details", () => toggle(false), "card-close")),
      thread.loaded ? [handling(), person(customer), fields(customer)] : el("div", { class: "skeleton", "aria-hidden": "true" }, el("i"), el("i"), el("i")));
  }

  const change = (changes) => app.change(thread, changes);

  function handling() {
    const { conversation } = thread;
    return section("Conversation", el("div", { class: "handling" },
      choice("Status", "set-status", STATUSES, conversation.status, (status) => change({ status })),
      choice("Priority", "set-priority", PRIORITIES, conversation.priority, (priority) => change({ priority })),
      assignee(conversation), tags(conversation)));
  }

  function choice(name, id, options, value, set) {
    const select = el("select", { id, change: (event) => set(event.target.value) }, options.map(([key, words]) => el("option", { value: key }, words)));
    select.value = value ?? "";
    return el("label", { class: "choice" }, el("span", null, name), select);
  }

  function assignee(conversation) {
    const { assignee: value } = conversation;
    if (app.assigner.isOffered) return el("div", { class: "choice" }, el("span", { "aria-hidden": "true" }, "Assignee"), app.assigner.field("set-assignee", conversation));
    const agents = [...(app.boot.agents ?? [])];
    const me = app.boot.agent;
    if (me && !agents.some((one) => one.id === me.id)) agents.unshift(me);
    if (app.boot.agents?.length) {
      const options = [["", "Nobody"], ...agents.map((one) => [one.id, one.id === me?.id ? `${plainName(one.name)} (you)` : plainName(one.name)])];
      const known = agents.find((one) => one.id === value || one.name === value);
      if (value && !known) options.push([value, value]);
      return choice("Assignee", "set-assignee", options, known?.id ?? value ?? "", (id) => change({ assignee: id || null }));
    }
    const input = el("input", { id: "set-assignee", type: "text", value: value ?? "", placeholder: "Nobody", maxlength: "200", dir: "auto", change: (event) => change({ assignee: event.target.value.trim() || null }) });
    const take = me && !app.assigner.isMine(value) && el("button", { type: "button", class: "link-button", click: () => change({ assignee: me.id }) }, "Assign to me");
    return [el("label", { class: "choice" }, el("span", null, "Assignee"), input), take];
  }

  function tags({ tags: list = [] }) {
    const add = (event) => {
      event.preventDefault();
      const tag = input.value.trim();
      if (tag && !list.includes(tag)) change({ tags: [...list, tag] });
      input.value = "";
    };
    const input = el("input", { id: "add-tag", type: "text", placeholder: "Add a tag", "aria-label": "Add a tag", maxlength: MOST_TAG, dir: "auto", list: "known-tags" });
    return el("form", { class: "tags", submit: add, autocomplete: "off" },
      list.map((tag) => el("span", { class: "chip tag" }, named(plainName(tag)), iconButton("close", `Remove the tag ${plainName(tag)}`, () => change({ tags: list.filter((one) => one !== tag) }), "tiny"))),
      input, el("datalist", { id: "known-tags" }, app.list.tags().filter((tag) => !list.includes(tag)).map((tag) => el("option", { value: tag }))));
  }

  return { show, toggle, place, shown: () => Boolean(thread) && shown(), overlays: () => !wide() && shown() };
}

const section = (title, ...content) => el("details", { open: true }, el("summary", null, title), content);

function person(customer) {
  const rows = [
    ["Email", customer.email && el("a", { href: safeHref(customer.email), dir: "ltr" }, customer.email)],
    ["Phone", phone(customer.phone)],
    ["WhatsApp", customer.whatsapp_number !== customer.phone && phone(customer.whatsapp_number)],
    ["Address", plainValue(customer.address)],
    [customer.external_system ? `${label(customer.external_system)} id` : "External id", customer.external_id],
    ["Notes", customer.notes],
    ["Conversations", customer.conversation_count > 1 && String(customer.conversation_count)],
    ["Since", customer.created_at && plainDate(customer.created_at)],
  ];
  return section("Customer", definitions(rows), customer.tags?.length > 0 && el("div", { class: "chips" }, customer.tags.map((tag) => el("span", { class: "chip tag", dir: "auto" }, plainName(tag)))));
}

const phone = (number) => (number ? el("a", { href: /^\+?[\d ]+$/.test(number) ? `tel:${number}` : null, dir: "ltr" }, number) : null);

function fields(customer) {
  const rows = Object.entries(customer.custom_fields ?? {}).map(([name, value]) => [label(plainName(name)), plainValue(value)]);
  return rows.length ? section("More", definitions(rows)) : null;
}

const definitions = (rows) => el("dl", null, rows.filter(([, value]) => value).map(([name, value]) => [
  el("dt", { dir: "auto" }, name), el("dd", { dir: "auto" }, value),
]));

