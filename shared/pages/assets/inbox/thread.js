// The open conversation: loading without mixing threads, showing, scrolling, reading.

import { announce, byId, el, fill, icon, named, reconcile, toast } from "../dom.js";
import { clock, customerName, dayName, fullDate, plainName } from "../format.js";
import { showImage, showMail } from "./dialogs.js";
import { avatar, entrySignature, messageElement, userText } from "./message.js";
import { entriesOf, firstUnread, merge, newestInbound, newThread, ordered, preview, senderOf } from "./timeline.js";

const KEPT_THREADS = 30;
const NEAR_END = 90;
const FLASH_MILLIS = 1500;

/** The thread. `app`: api, list, outbox, composer, capabilities(conversation), channelName(channel), opened(thread), shown(thread), retry(thread, message). */
export function createThread(app) {
  const threads = new Map();
  const scroller = byId("scroller");
  const box = byId("messages");
  const note = byId("thread-note");
  const newest = byId("newest");
  let current = null;
  let loading = null;
  let again = false;
  let atEnd = true;
  let unseenCount = 0;
  let problem = null;

  function threadOf(id) {
    const thread = threads.get(id) ?? newThread(id);
    // Last used last: the oldest falls out first.
    threads.delete(id);
    threads.set(id, thread);
    if (threads.size > KEPT_THREADS) threads.delete(threads.keys().next().value);
    return thread;
  }

  function open(id, { keepFocus = false } = {}) {
    if (current?.id === id) return keepFocus ? undefined : app.composer.focus();
    loading?.abort();
    loading = null;
    current = threadOf(id);
    current.conversation ??= app.list.row(id) ?? null;
    current.unreadFrom = null;
    current.settled = false;
    problem = null;
    unseenCount = 0;
    atEnd = true;
    box.reconciled = null;
    fill(box);
    byId("nothing").hidden = true;
    byId("thread").hidden = false;
    render();
    app.opened(current, keepFocus);
    void refresh();
  }

  function close() {
    loading?.abort();
    loading = null;
    current = null;
    byId("thread").hidden = true;
    byId("nothing").hidden = false;
  }

  /** Fetches the newest page of the open thread; while one is under way, another follows it. */
  async function refresh() {
    if (!current) return;
    if (loading) {
      again = true;
      return;
    }
    const thread = current;
    const mine = (loading = new AbortController());
    renderNote();
    try {
      const answer = await app.api.conversation(thread.id, null, mine.signal);
      take(thread, answer);
    } catch (error) {
      if (mine.signal.aborted) return;
      if (thread === current) problem = error;
    }
    // Another conversation may be open by now, and loading.
    if (loading !== mine) return;
    loading = null;
    renderNote();
    if (again) {
      again = false;
      void refresh();
    }
  }

  function take(thread, answer) {
    const first = !thread.loaded;
    const before = new Set(thread.messages.keys());
    const unread = thread.settled ? 0 : answer.conversation.unread_count;
    // A page that does not reach what is known would leave a hole in the middle.
    if (!first && answer.has_more && answer.messages.length && !answer.messages.some((m) => before.has(m.id))) {
      thread.messages.clear();
      thread.hasMore = true;
    }
    merge(thread, answer);
    if (first) thread.hasMore = answer.has_more;
    thread.loaded = true;
    thread.conversation = answer.conversation;
    thread.customer = answer.customer;
    app.outbox.settle(thread.id, ordered(thread));
    if (thread !== current) return;
    problem = null;
    if (!thread.settled) thread.unreadFrom = firstUnread(thread, unread);
    const news = first || !thread.settled ? [] : answer.messages.filter((m) => !before.has(m.id) && m.direction === "inbound");
    const opening = !thread.settled;
    thread.settled = true;
    render();
    app.shown(thread);
    if (opening) showOpening(thread);
    else tellNews(thread, news);
    void markRead();
  }

  function showOpening(thread) {
    const mark = thread.unreadFrom && box.querySelector(".unread-mark");
    if (mark && scroller.scrollHeight - mark.offsetTop > scroller.clientHeight) {
      atEnd = false;
      scroller.scrollTop = mark.offsetTop - 16;
    } else toEnd();
  }

  function tellNews(thread, news) {
    for (const message of news) announce(`${senderOf(message)?.email ?? customerName(thread.customer)}: ${preview(message).slice(0, 300)}`);
    if (!atEnd) unseenCount += news.length;
    renderNewest();
  }

  async function markRead() {
    const thread = current;
    // What a viewer reads stays unread for those who answer.
    if (!thread?.loaded || document.hidden || app.isReader) return;
    const last = newestInbound(thread);
    const row = app.list.row(thread.id) ?? thread.conversation;
    if (!last || !(row.unread_count > 0 || thread.conversation.unread_count > 0) || thread.reading === last.id) return;
    thread.reading = last.id;
    try {
      const { unread_count } = await app.api.read(thread.id, last.id);
      thread.conversation = { ...thread.conversation, unread_count };
      const known = app.list.row(thread.id);
      if (known) app.list.update([{ ...known, unread_count }]);
    } catch (error) {
      if (!error.passing) toast(error.message);
    } finally {
      thread.reading = null;
    }
  }

  async function loadEarlier() {
    const thread = current;
    const oldest = ordered(thread)[0];
    if (!oldest || thread.earlier) return;
    thread.earlier = true;
    renderEarlier();
    try {
      const answer = await app.api.conversation(thread.id, oldest.created_at);
      merge(thread, answer);
      thread.hasMore = answer.has_more && answer.messages.length > 0;
    } catch (error) {
      toast(error.message);
    }
    thread.earlier = false;
    if (thread !== current) return;
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    render();
    scroller.scrollTop = scroller.scrollHeight - fromEnd;
  }

  function render() {
    const thread = current;
    if (!thread) return;
    renderHead(thread);
    renderEarlier();
    const known = ordered(thread);
    const entries = thread.loaded ? entriesOf(thread, app.outbox.waiting(thread.id, known)) : [];
    const context = contextOf(thread);
    reconcile(box, entries, {
      key: (entry) => entry.key,
      signature: (entry) => (entry.kind === "day" ? dayName(entry.time) : entrySignature(entry, context)),
      build: (entry) => entryElement(entry, context),
    });
    renderNote();
    renderNewest();
    if (atEnd) toEnd();
  }

  function contextOf(thread) {
    return {
      capabilities: app.capabilities(thread.conversation),
      customer: thread.customer ?? thread.conversation?.customer,
      reply: (message) => app.composer.replyTo(message),
      copy,
      retry: (message) => app.retry(thread, message),
      edit: (message) => app.composer.takeBack(message),
      discard: (message) => app.outbox.discard(message.local),
      contact: thread.conversation?.contact ?? null,
      answerTo: (message, address) => void answerTo(thread, message, address),
      comment: (message, action, text) => void comment(thread, message, action, text),
      jump,
      showImage,
      showMail: (message) => showMail(message, new URL("mail.css", import.meta.url).href),
    };
  }

  /** An agent's decision where answers go. */
  async function answerTo(thread, message, address) {
    try {
      const { contact } = await app.api.contact(thread.id, message.id, address);
      thread.conversation = { ...thread.conversation, contact };
      toast(`Answers go to ${contact} from now on.`);
    } catch (error) {
      toast(error.message);
    }
    if (thread === current) render();
  }

  const DONE = { hide: "Nobody else sees the comment any more.", unhide: "All see the comment again.", delete: "The comment is deleted.", private_reply: "The private reply is sent." };

  /** Has something done to a comment, which the refreshed thread then shows. */
  async function comment(thread, message, action, text) {
    try {
      const { message: became } = await app.api.comment(message.id, action, text);
      toast(["queued", "uncertain"].includes(became.status) ? "The reply is on its way; nobody has confirmed it yet." : DONE[action]);
    } catch (error) {
      toast(error.message);
    }
    if (thread === current) void refresh();
  }

  function renderHead(thread) {
    const { conversation } = thread;
    if (!conversation) return;
    const customer = thread.customer ?? conversation.customer;
    const { contact } = conversation;
    // Only where it is not what one would take for granted.
    const elsewhere = contact && contact !== thread.customer?.email && thread.customer ? `answers to ${contact}` : null;
    const post = conversation.channel === "facebook_comments" && plainName(conversation.email_subject ?? "");
    const via = [app.channelName(conversation.channel), plainName(conversation.channel_name), elsewhere, post].filter(Boolean).join(" · ");
    const head = byId("thread-who");
    const mark = JSON.stringify([customer?.id, customer?.name, via]);
    if (head.mark !== mark) {
      head.mark = mark;
      fill(head, avatar(customer?.id, customerName(customer)), el("div", null,
        el("h2", null, named(customerName(customer))),
        el("p", { class: "faint" }, icon(conversation.channel, null, `channel-glyph ${conversation.channel}`), named(via))));
    }
    byId("close-conversation").textContent = conversation.status === "closed" ? "Reopen" : "Close";
  }

  function renderEarlier() {
    const row = byId("earlier");
    if (!current?.hasMore) fill(row);
    else if (current.earlier) fill(row, el("span", { class: "faint" }, "Loading …"));
    else if (!row.querySelector("button")) fill(row, el("button", { type: "button", class: "button quiet", click: () => void loadEarlier() }, "Load earlier messages"));
  }

  function renderNote() {
    if (problem) {
      fill(note, el("p", null, problem.status === 404 ? "This conversation is gone." : problem.message), problem.status !== 404 && el("button", { type: "button", class: "button quiet", click: () => {
        problem = null;
        void refresh();
      } }, "Try again"));
    } else if (current && !current.loaded) {
      if (!note.querySelector(".skeleton-thread")) fill(note, el("div", { class: "skeleton-thread", "aria-label": "Loading" }, el("i"), el("i", { class: "end" }), el("i"), el("i", { class: "end" })));
    } else if (current && box.childElementCount === 0) fill(note, el("p", { class: "empty" }, "No messages yet."));
    else fill(note);
  }

  function renderNewest() {
    newest.hidden = atEnd;
    if (!atEnd) fill(newest, icon("down"), unseenCount > 0 ? `${unseenCount} new` : el("span", { class: "unseen" }, "To the newest message"));
  }

  function toEnd() {
    scroller.scrollTop = scroller.scrollHeight;
    atEnd = true;
    unseenCount = 0;
    renderNewest();
  }

  function jump(id) {
    const target = byId(`m-${id}`);
    if (!target) return toast("That message is further up: load earlier messages first.");
    target.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    target.focus({ preventScroll: true });
    target.classList.add("flash");
    setTimeout(() => target.classList.remove("flash"), FLASH_MILLIS);
  }

  async function copy(message) {
    try {
      await navigator.clipboard.writeText(message.content);
      announce("Copied");
    } catch {
      // An iframe has the clipboard only if the page around it grants it.
      toast("The page around this inbox does not allow copying. Select the text instead.");
    }
  }

  function moveFocus(by) {
    const all = [...box.querySelectorAll(":scope > [data-id]")];
    const at = all.indexOf(document.activeElement?.closest("[data-id]"));
    const next = at < 0 ? all.at(by < 0 ? -1 : 0) : all[at + by];
    next?.focus();
    if (!next && by > 0) toEnd();
  }

  function listen() {
    scroller.addEventListener("scroll", () => {
      const end = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;
      if (end !== atEnd) {
        atEnd = end;
        if (end) unseenCount = 0;
        renderNewest();
      }
      if (scroller.scrollTop < 40 && current?.hasMore && current.settled && !current.earlier) void loadEarlier();
    }, { passive: true });
    // Pictures that load late, and a window that shrinks, must not push the newest message out of sight.
    new ResizeObserver(() => atEnd && (scroller.scrollTop = scroller.scrollHeight)).observe(box);
    new ResizeObserver(() => atEnd && (scroller.scrollTop = scroller.scrollHeight)).observe(scroller);
    newest.addEventListener("click", () => {
      toEnd();
      box.focus({ preventScroll: true });
    });
    box.addEventListener("keydown", onKey);
    document.addEventListener("visibilitychange", () => void markRead());
  }

  function onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("video, audio")) return;
    const message = current?.messages.get(document.activeElement?.closest("[data-id]")?.dataset.id);
    const does = {
      ArrowUp: () => moveFocus(-1),
      ArrowDown: () => moveFocus(1),
      End: toEnd,
      Home: () => (scroller.scrollTop = 0),
      r: message && (() => app.composer.replyTo(message)),
      c: message?.content && (() => copy(message)),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }

  listen();
  setInterval(render, 60_000);

  return {
    open, close, refresh, render, toEnd,
    current: () => current,
    /** Takes in messages of a conversation, open or not. */
    merge(id, messages) {
      const thread = threads.get(id);
      if (!thread) return;
      merge(thread, { messages: messages.filter(Boolean) });
      if (thread === current) render();
    },
    addNote(id, one) {
      const thread = threads.get(id);
      if (!thread) return;
      merge(thread, { notes: [one] });
      if (thread === current) render();
    },
    /** The open conversation's new row, without what only the whole answer has. */
    updateConversation(row) {
      const thread = threads.get(row.id);
      if (thread?.conversation) thread.conversation = { ...thread.conversation, ...row };
      if (thread === current) render();
    },
  };
}

function entryElement(entry, context) {
  if (entry.kind === "day") return el("li", { class: "day" }, el("span", { title: fullDate(entry.time) }, dayName(entry.time)));
  if (entry.kind === "unread") return el("li", { class: "unread-mark" }, el("span", null, "New"));
  if (entry.kind === "note") return noteElement(entry.note);
  return messageElement(entry, context);
}

function noteElement(one) {
  const author = plainName(one.author?.name ?? one.author) || "Someone";
  return el("li", { class: "note", id: `n-${one.id}`, tabindex: "-1", "data-id": one.id, "aria-label": `Private note of ${author}, ${clock(one.created_at)}: ${one.content.slice(0, 300)}` },
    el("div", { class: "note-head" }, icon("note"), named(author), el("span", null, "Private note"), el("time", { datetime: one.created_at, title: fullDate(one.created_at) }, clock(one.created_at))),
    userText(one.content));
}
