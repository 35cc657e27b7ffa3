// The embedded inbox. Takes the token out of the address bar, then puts the parts together.

import { createApi } from "./api.js";
import { createAssigner } from "./assign.js";
import { createCard } from "./card.js";
import { createComposer } from "./composer.js";
import { byId, el, fill, toast } from "../dom.js";
import { listenToKeys } from "./keys.js";
import { createList } from "./list.js";
import { startLive } from "./live.js";
import { createOutbox } from "./outbox.js";
import { tellParent, tokenOfFragment } from "./over.js";
import { createThread } from "./thread.js";
import { ordered } from "./timeline.js";

const boot = readBoot();
const token = takeToken();

/** What the server knew when it made the page; the element goes, so that nothing else finds a token in it. */
function readBoot() {
  const holder = byId("bootstrap");
  const data = JSON.parse(holder.textContent);
  holder.remove();
  return data;
}

function takeToken() {
  const here = new URL(location.href);
  const given = boot.token ?? tokenOfFragment() ?? here.searchParams.get("token");
  history.replaceState(null, "", here.pathname);
  delete boot.token;
  return given;
}

const app = {
  boot,
  api: createApi(token, sessionOver),
  // By the account: a source of conversations takes the same on every channel.
  capabilities: (conversation) => boot.sources?.[conversation?.account_kind] ?? boot.channels?.[conversation?.channel] ?? {},
  channelName: (channel) => boot.channels?.[channel]?.name ?? channel,
  agentName: (text) => app.assigner.nameOf(text),
  // A member who is a viewer.
  isReader: Boolean(boot.member && !boot.member.answers),
  draftOf: (id) => app.composer.draftOf(id),
  draftChanged: () => app.list.render(),
  refresh: () => app.thread.refresh(),
  open,
  opened,
  shown,
  back,
  send,
  retry,
  addNote,
  change,
  toggleClosed,
};

app.outbox = createOutbox(app.api, {
  changed: (id) => app.thread.current()?.id === id && app.thread.render(),
  took: (id, messages) => app.thread.merge(id, messages),
  // The server may have kept the refused message, and knows whether the window is closed.
  refused: (id, error) => !error.passing && app.thread.current()?.id === id && app.refresh(),
});
app.assigner = createAssigner(app);
app.list = createList(app);
app.composer = createComposer(app);
app.card = createCard(app);
app.thread = createThread(app);

function open(id, options) {
  byId("app").dataset.pane = "thread";
  app.thread.open(id, options);
}

function opened(thread, keepFocus) {
  app.list.select(thread.id);
  shown(thread);
  // A touch keyboard would cover half of what one wants to read.
  if (!keepFocus && !matchMedia("(pointer: coarse)").matches) app.composer.focus();
}

function shown(thread) {
  app.assigner.show(thread);
  app.composer.show(thread);
  app.card.show(thread);
}

function back() {
  if (byId("app").dataset.pane === "thread" && matchMedia("(max-width: 640px)").matches) byId("app").dataset.pane = "list";
  app.list.focus();
}

function send(thread, content, files, preview) {
  const body = { conversation_id: thread.id, channel: thread.conversation.channel, ...content };
  app.thread.toEnd();
  app.outbox.send(thread.id, body, { files, preview, known: ordered(thread).slice(-60).map((message) => message.id) });
  app.thread.toEnd();
}

function retry(thread, message) {
  if (message.local) return app.outbox.retry(message.local);
  const files = (message.attachments ?? []).filter((file) => file.state === "ready");
  const template = message.detail?.template;
  send(thread, {
    content: message.type === "template" ? "" : message.content ?? "",
    attachments: files.map((file) => file.id),
    ...(message.reply_to && { reply_to: message.reply_to }),
    ...(message.detail?.subject && { subject: message.detail.subject }),
    ...(template && { template }),
  }, files, message.content);
}

async function addNote(thread, text) {
  try {
    const { note } = await app.api.note(thread.id, text);
    app.thread.addNote(thread.id, note);
    app.thread.toEnd();
  } catch (error) {
    toast(`The note was not saved: ${error.message}`);
    app.composer.giveBack(thread, text);
  }
}

/** Shows a change at once, and takes it back where it is refused; gives whether it was made. */
async function change(thread, changes) {
  const before = thread.conversation;
  spread({ ...before, ...changes });
  try {
    const { conversation } = await app.api.update(thread.id, changes);
    spread({ ...(app.list.row(thread.id) ?? before), ...conversation });
    return true;
  } catch (error) {
    spread(before);
    toast(`Not changed: ${error.message}`);
    return false;
  }
}

// The row goes to every part that shows it.
function spread(row) {
  app.thread.updateConversation(row);
  if (app.list.row(row.id)) app.list.update([{ ...app.list.row(row.id), ...row }]);
  const current = app.thread.current();
  if (current?.id === row.id) shown(current);
}

function toggleClosed() {
  const thread = app.thread.current();
  if (thread?.loaded) void change(thread, { status: thread.conversation.status === "closed" ? "open" : "closed" });
}

function showConnection(state) {
  const bar = byId("connection");
  bar.hidden = state === "live";
  bar.textContent = state === "offline" ? "You are offline. What you write is kept here." : "The connection is lost. Trying again …";
}

function takeChanges({ conversations = [], counts }) {
  app.list.update(conversations, counts);
  const current = app.thread.current();
  const row = current && conversations.find((one) => one.id === current.id);
  if (!row) return;
  app.thread.updateConversation(row);
  void app.thread.refresh();
}

let live = null;

function sessionOver() {
  live?.stop();
  tellParent();
  const drafts = app.composer?.drafts() ?? [];
  const box = el("div", { class: "over-box", role: "alertdialog", "aria-labelledby": "over-title" },
    el("h1", { id: "over-title" }, "The session is over"),
    el("p", null, "For your safety this inbox closes after a while. Open it again from your CRM to go on."),
    drafts.length > 0 && el("label", { class: "rescued" }, el("span", null, "What you had not sent yet:"), el("textarea", { readonly: true, rows: "5", dir: "auto" }, drafts.join("\n\n"))));
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  fill(byId("app"), el("main", { class: "over" }, box));
}

function greet() {
  if (boot.business?.name) byId("list-title").title = boot.business.name;
  byId("back").addEventListener("click", back);
  byId("toggle-card").addEventListener("click", () => app.card.toggle());
  byId("card-shade").addEventListener("click", () => app.card.toggle(false));
  byId("close-conversation").addEventListener("click", toggleClosed);
  matchMedia("(min-width: 1080px)").addEventListener("change", () => app.card.place());
  window.addEventListener("beforeunload", (event) => {
    if (app.outbox.busy()) event.preventDefault();
  });
}

async function start() {
  greet();
  listenToKeys(app);
  await app.list.start();
  // A page for one customer begins with what the customer said last.
  if (boot.scope?.customer_id && app.list.first()) open(app.list.first().id);
  byId("app").dataset.ready = "true";
  performance.mark("tieline:usable");
  live = startLive(app.api, { sequence: app.list.sequence(), took: takeChanges, lost: app.list.reload, state: showConnection });
}

void start();
