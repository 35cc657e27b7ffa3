// To whom a conversation is assigned: what assignees are called, the buttons that show one, and the list in which a member
// chooses another. An inbox that no member opened has no such buttons.

import { openDialog } from "../dialog.js";
import { announce, byId, el, fill, icon, named, toast } from "../dom.js";
import { plainName } from "../format.js";
import { avatar } from "./message.js";

const TYPING_MILLIS = 200;
/** Between the list and its button, and the edge of the page, in pixels. */
const GAP = 8;
const AGAINST = "Viewers read conversations and do not assign them. Ask an admin for the role of an agent.";

/** The buttons and the list. `app`: api, boot, change(thread, changes), thread. */
export function createAssigner(app) {
  const { member, agent: me } = app.boot;
  const against = member && !member.answers ? AGAINST : null;
  const members = new Map();
  const learn = (list) => list.forEach((one) => members.set(one.id, one));
  learn(app.boot.assignees ?? []);

  const is = (one, text) => Boolean(text) && [one?.id, one?.email].includes(text);
  const isMine = (text) => is(me, text) || (Boolean(text) && text === me?.name);
  const nameOf = (text) => [...members.values(), ...(app.boot.agents ?? []), me].find((one) => is(one, text))?.name ?? text;

  /** Gives a button what it says of a conversation. It stays the same element: who stands on it stays there. */
  function dress(button, { assignee }) {
    const name = assignee ? plainName(nameOf(assignee)) : "Unassigned";
    button.classList.add("assign");
    button.setAttribute("aria-haspopup", "dialog");
    button.setAttribute("aria-disabled", String(Boolean(against)));
    button.title = against ?? `Assigned to: ${name} (a)`;
    fill(button, assignee ? avatar(assignee, name, "tiny") : icon("person"), el("span", { class: "unseen" }, "Assigned to: "), named(name, "assign-name"),
      against && el("span", { class: "unseen" }, ` (${against})`));
    return button;
  }

  const button = byId("assign");
  button.hidden = !member;
  button.addEventListener("click", () => open(button));

  function open(opener = button) {
    const thread = app.thread.current();
    if (!member || !thread?.loaded) return;
    // The button can be reached all the same, so that everyone can find out why.
    if (against) return toast(against);
    openPicker({
      api: app.api, me, isMine, assignee: thread.conversation.assignee, opener,
      known: () => [...members.values()], learn,
      picked: (one) => assign(thread, one),
    });
  }

  async function assign(thread, one) {
    if (await app.change(thread, { assignee: one?.email ?? null })) announce(one ? `Assigned to ${plainName(one.name)}` : "Assigned to nobody");
  }

  return {
    nameOf, isMine, open,
    isOffered: Boolean(member),
    /** Shows the assignee in the head of the thread. */
    show({ conversation }) {
      if (!member || !conversation) return;
      const mark = JSON.stringify([conversation.assignee, nameOf(conversation.assignee)]);
      if (button.mark === mark) return;
      button.mark = mark;
      dress(button, conversation);
    },
    /** A button of the card for the same. */
    field: (id, conversation) => dress(el("button", { type: "button", id, class: "button quiet", click: (event) => open(event.currentTarget) }), conversation),
  };
}

const folded = (text) => String(text ?? "").toLowerCase();

/** Members whose name or address has the text in it, by their names. */
export function membersLike(members, text) {
  const wanted = folded(text.trim());
  const found = members.filter((one) => folded(one.name).includes(wanted) || folded(one.email).includes(wanted));
  return found.sort((a, b) => a.name.localeCompare(b.name) || (a.email < b.email ? -1 : 1));
}

/** What can be chosen: oneself and nobody first, unless one looks for somebody. */
export function choicesOf(members, text, { me, isMine, assignee }) {
  const found = membersLike(members, text);
  const own = members.find((one) => one.id === me?.id);
  const first = text.trim() ? [] : [own && !isMine(assignee) && { key: "me", label: "Assign to me", member: own }, assignee && { key: "nobody", label: "Nobody", member: null }];
  return [...first.filter(Boolean), ...found.map((member) => ({ key: member.id, member, isNow: [member.id, member.email].includes(assignee) }))];
}

// A combobox whose list is always open (WAI-ARIA APG): the focus stays in the field, the arrows move in the list.
function openPicker({ api, me, isMine, assignee, opener, known, learn, picked }) {
  const list = el("div", { class: "assign-list", role: "listbox", id: "assign-list", "aria-label": "Members" });
  const note = el("p", { class: "assign-note faint", role: "status" });
  const field = el("input", {
    type: "search", role: "combobox", placeholder: "Find a member", "aria-label": "Find a member", "aria-expanded": "true", "aria-controls": "assign-list", "aria-autocomplete": "list",
    autocomplete: "off", spellcheck: "false", maxlength: "200", dir: "auto", input: typed, keydown: onKey,
  });
  let choices = [];
  let active = 0;
  let isPart = false;
  let timer = 0;
  const gone = new AbortController();
  const dialog = openDialog("Assign to", [field, list, note], { closed: () => gone.abort() });
  dialog.classList.add("assign-dialog");
  place(dialog, opener);
  field.focus();

  function draw() {
    const key = choices[active]?.key;
    choices = choicesOf(known(), field.value, { me, isMine, assignee });
    active = Math.max(0, choices.findIndex((one) => one.key === key));
    fill(list, choices.map((one, n) => choiceElement(one, me, n, () => pick(one))));
    mark();
  }

  function mark() {
    [...list.children].forEach((one, n) => one.setAttribute("aria-selected", String(n === active)));
    const chosen = list.children[active];
    if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
    else field.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  function pick(choice) {
    dialog.close();
    picked(choice.member);
  }

  function typed() {
    active = 0;
    choices = [];
    draw();
    tell();
    clearTimeout(timer);
    // Of so many members only the first are known here.
    if (isPart && field.value.trim()) timer = setTimeout(() => void ask(field.value.trim()), TYPING_MILLIS);
  }

  const tell = () => (note.textContent = choices.length ? `${choices.length} ${choices.length === 1 ? "choice" : "choices"}` : "No member who may answer is called that. Members are added under Settings.");

  async function ask(q) {
    try {
      const { assignees, has_more } = await api.assignees(q, gone.signal);
      learn(assignees);
      if (!q) isPart = has_more;
      draw();
      if (q) tell();
    } catch (error) {
      if (!gone.signal.aborted) note.textContent = `The list may be out of date: ${error.message}`;
    }
  }

  function onKey(event) {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (event.isComposing || (!by && event.key !== "Enter")) return;
    event.preventDefault();
    if (event.key === "Enter") return choices[active] && pick(choices[active]);
    active = Math.min(choices.length - 1, Math.max(0, active + by));
    mark();
  }

  draw();
  void ask("");
}

function choiceElement({ label, member, isNow }, me, n, click) {
  const name = member ? plainName(member.name) : "Nobody";
  return el("div", { role: "option", id: `assign-${n}`, class: "assign-choice", click },
    member ? avatar(member.email, name, "small") : el("span", { class: "avatar small nobody", "aria-hidden": "true" }, icon("person")),
    el("span", { class: "assign-who" }, label ? el("span", null, label) : named(member.id === me?.id ? `${name} (you)` : name), member && !label && el("span", { class: "faint", dir: "ltr" }, member.email)),
    isNow && icon("tick", "Assigned now"));
}

// Below its button where there is room; else where dialogs are.
function place(dialog, opener) {
  if (matchMedia("(max-width: 640px)").matches) return;
  const { bottom, left, right } = opener.getBoundingClientRect();
  const { width } = dialog.getBoundingClientRect();
  const start = document.dir === "rtl" ? left : right - width;
  Object.assign(dialog.style, {
    margin: "0",
    left: `${Math.max(GAP, Math.min(start, innerWidth - width - GAP))}px`,
    top: `${Math.max(GAP, Math.min(bottom + GAP, innerHeight / 2))}px`,
  });
}
