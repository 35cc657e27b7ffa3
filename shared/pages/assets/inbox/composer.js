// Writing: replies and notes, files, limits, and why one cannot write.

import { announce, byId, el, fill, icon, iconButton, named } from "../dom.js";
import { customerName, duration, fullDate, plainName } from "../format.js";
import { acceptedTypes, lengthOf, smsSegments, textLimit } from "./limits.js";
import { createSuggester } from "./suggest.js";
import { chooseTemplate } from "./templates.js";
import { preview } from "./timeline.js";
import { addFiles, moveBar, removeFile, renderTray } from "./uploads.js";

const SOON = 4 * 3_600_000;
const NEARLY_FULL = 0.8;

/** The composer. `app`: api, capabilities(conversation), send(thread, body, shown), addNote(thread, text), refresh(), draftChanged(). */
export function createComposer(app) {
  const text = byId("text");
  const send = byId("send");
  const drafts = new Map();
  let thread = null;

  function draftOf(id) {
    if (!drafts.has(id)) drafts.set(id, { mode: "reply", reply: "", note: "", files: [], replyTo: null, subject: null });
    return drafts.get(id);
  }

  const suggester = createSuggester(app, (kept) => {
    app.draftChanged();
    if (!thread || draft() !== kept) return;
    const { selectionStart, selectionEnd, value } = text;
    text.value = kept[kept.mode];
    // Who writes in front of a draft that comes goes on where they are.
    if (document.activeElement === text && selectionStart < value.length) text.setSelectionRange(selectionStart, selectionEnd);
    render();
    grow();
  });

  const draft = () => draftOf(thread.id);
  const capabilities = () => app.capabilities(thread?.conversation);
  const noting = () => draft().mode === "note";

  function show(next) {
    const other = thread?.id !== next.id;
    thread = next;
    if (other) text.value = draft()[draft().mode];
    render();
    grow();
  }

  /** Why no reply can be written now: null, "loading", "reader", "window", "opted_out", "channel_disabled". */
  function block() {
    const { conversation } = thread;
    if (!thread.loaded) return "loading";
    if (app.isReader) return "reader";
    if (conversation.opted_out) return "opted_out";
    if (conversation.can_reply === false) return conversation.reply_block ?? "window";
    return null;
  }

  function render() {
    if (!thread) return;
    const kept = draft();
    const why = block();
    const caps = capabilities();
    renderModes(why);
    const blocked = why === "reader" || (!noting() && why !== null && why !== "loading");
    byId("composer").classList.toggle("noting", noting());
    byId("composer").classList.toggle("blocked", blocked);
    renderBlock(blocked ? why : null, caps);
    renderQuote(kept);
    renderSubject(kept, caps, blocked);
    renderTray(byId("tray"), noting() ? { files: [] } : kept, { remove, again: (item) => item.again(), together: caps.attachments_per_message });
    text.hidden = blocked;
    text.placeholder = noting() ? "Write a note that only your team sees" : `Write to ${customerName(thread.customer ?? thread.conversation?.customer).slice(0, 40)}`;
    text.setAttribute("aria-label", noting() ? "Private note" : "Message");
    byId("attach").hidden = noting() || blocked || (caps.max_attachments ?? 10) === 0 || !(caps.media?.length);
    byId("files").accept = acceptedTypes(caps);
    byId("template").hidden = noting() || blocked || !caps.templates;
    byId("send-label").textContent = noting() ? "Add note" : "Send";
    send.hidden = blocked;
    suggester.render(kept, !noting() && !blocked && thread.loaded);
    renderCount();
  }

  function renderModes(why) {
    for (const mode of ["reply", "note"]) {
      const chosen = draft().mode === mode;
      byId(`mode-${mode}`).setAttribute("aria-checked", String(chosen));
      byId(`mode-${mode}`).tabIndex = chosen ? 0 : -1;
    }
    const until = thread.conversation?.window_open_until;
    const left = until ? new Date(until) - Date.now() : null;
    const hint = byId("window-note");
    hint.title = until ? `The window closes on ${fullDate(until)}` : "";
    hint.textContent = noting() || why ? "" : left === null ? "" : left <= 0 ? (capabilities().human_agent_hours ? "Sent as a human agent" : "") : left < SOON ? `Reply within ${duration(left)}` : "";
    hint.classList.toggle("soon", left !== null && left > 0 && left < SOON);
  }

  function renderBlock(why, caps) {
    const box = byId("block");
    // Built again only where it says something else: a click or the focus on its button would be lost.
    const shown = JSON.stringify([why, why && caps]);
    if (box.dataset.shown === shown) return;
    box.dataset.shown = shown;
    box.hidden = !why;
    if (box.hidden) return fill(box);
    const name = caps.name ?? "This channel";
    const reasons = {
      reader: ["Viewers read conversations and do not answer them. Ask an admin for the role of an agent."],
      window: caps.templates
        ? [`${name} allows free text for ${caps.window_hours ?? 24} hours after the customer's last message. Until they write again, only an approved template can be sent.`, true]
        : [`${name} allows a reply for ${caps.human_agent_hours ?? caps.window_hours ?? 24} hours after the customer's last message. You can write again as soon as they do.`],
      opted_out: ["This customer asked to get no more messages here. They can write again to change that."],
      channel_disabled: ["This channel is not connected at the moment, so nothing can be sent. An administrator can mend it in the settings."],
    };
    const [words, templates] = reasons[why] ?? ["Replies are not possible here at the moment."];
    fill(box, icon(why === "window" ? "clock" : "alert"), el("p", null, words),
      templates && el("button", { type: "button", class: "button primary", click: pickTemplate }, "Choose a template"));
  }

  function renderQuote(kept) {
    const bar = byId("quote");
    bar.hidden = noting() || !kept.replyTo;
    if (bar.hidden) return fill(bar);
    const who = kept.replyTo.direction === "inbound" ? customerName(thread.customer) : "You";
    fill(bar, icon("reply"), el("div", null, named(who, "quote-who"), el("span", { class: "quote-text", dir: "auto" }, preview(kept.replyTo))),
      iconButton("close", "Do not answer this message", cancelReply, "small"));
  }

  function renderSubject(kept, caps, blocked) {
    const row = byId("subject-row");
    row.hidden = !caps.subject || noting() || blocked;
    if (row.hidden) return;
    const last = thread.conversation?.email_subject;
    const value = kept.subject ?? (last ? (/^re:/i.test(last) ? last : `Re: ${last}`) : "");
    if (byId("subject").value !== value) byId("subject").value = value;
  }

  const sendable = () => draft().files.filter((item) => item.state === "ready");

  function renderCount() {
    const counter = byId("counter");
    const caps = capabilities();
    const value = text.value;
    const uploading = !noting() && draft().files.some((item) => item.state === "uploading");
    const limit = textLimit(caps, draft().files.length > 0);
    const length = lengthOf(value, caps.text_limit_unit);
    const over = !noting() && length > limit && !(caps.splits_text && draft().files.length === 0);
    counter.classList.toggle("over", over);
    counter.textContent = noting() ? "" : countText(value, length, limit, caps);
    const empty = !value.trim() && (noting() || sendable().length === 0);
    const writing = !noting() && Boolean(draft().suggesting?.shown);
    send.disabled = empty || over || uploading || writing || !thread.loaded;
    if (uploading) counter.textContent = "Uploading …";
  }

  function countText(value, length, limit, caps) {
    if (!value) return "";
    const unit = caps.text_limit_unit === "bytes" ? " bytes" : "";
    if (length > limit && caps.splits_text) return `${length} / ${limit}${unit}: goes as ${Math.ceil(length / limit)} messages`;
    if (caps.segments) {
      const { segments, left, encoding } = smsSegments(value);
      const title = segments > 1 ? `${segments} segments` : "1 segment";
      return length > limit ? `${length} / ${limit}` : `${title} · ${left} left · ${encoding}`;
    }
    return length > limit * NEARLY_FULL ? `${length} / ${limit}${unit}` : "";
  }

  function grow() {
    // Browsers with field-sizing do this themselves.
    if (CSS.supports("field-sizing", "content")) return;
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight}px`;
  }

  function setMode(mode) {
    if (!thread) return;
    draft().mode = mode;
    text.value = draft()[mode];
    render();
    grow();
    (text.hidden ? byId(`mode-${mode}`) : text).focus();
  }

  function submit() {
    if (!thread || send.disabled || send.hidden) return;
    const content = text.value.trim();
    if (noting()) app.addNote(thread, content);
    else {
      const kept = draft();
      const files = sendable();
      const body = { content, attachments: files.map((item) => item.attachment.id) };
      if (kept.replyTo) body.reply_to = kept.replyTo.id;
      const subject = capabilities().subject && byId("subject").value.trim();
      if (subject) body.subject = subject;
      app.send(thread, body, files.map((item) => ({ id: item.attachment.id, filename: item.name, type: item.attachment.type ?? item.type, size: item.size, url: item.preview ?? item.attachment.download_url, download_url: item.attachment.download_url })));
      Object.assign(kept, { files: [], replyTo: null, subject: null, suggestion: null });
    }
    draft()[draft().mode] = "";
    text.value = "";
    render();
    grow();
    app.draftChanged();
    text.focus();
  }

  function pickTemplate() {
    const chosenFor = thread;
    void chooseTemplate(app.api, thread.id, (template, shown) => app.send(chosenFor, { content: "", attachments: [], template }, [], shown));
  }

  function attach(files) {
    if (!thread || files.length === 0) return;
    if (noting()) setMode("reply");
    if (block()) return announce("Files cannot be sent now");
    const kept = draft();
    addFiles(kept, files, { api: app.api, capabilities: capabilities(), changed: (item) => {
      if (item) return moveBar(item);
      if (thread && draft() === kept) render();
    } });
    text.focus();
  }

  function remove(item) {
    removeFile(draft(), item);
    render();
    text.focus();
  }

  function cancelReply() {
    draft().replyTo = null;
    render();
    text.focus();
  }

  function listen() {
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
    text.addEventListener("input", () => {
      draft()[draft().mode] = text.value;
      renderCount();
      grow();
    });
    text.addEventListener("blur", () => app.draftChanged());
    text.addEventListener("keydown", (event) => {
      // On a touch keyboard Enter is the only way to a new line, and composing characters ends with it.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
      event.preventDefault();
      submit();
    });
    text.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      // Office programs add a picture of the text one copied.
      if (files.length === 0 || event.clipboardData.types.includes("text/plain")) return;
      event.preventDefault();
      attach(files);
    });
    byId("subject").addEventListener("input", (event) => (draft().subject = event.target.value));
    byId("mode-reply").addEventListener("click", () => setMode("reply"));
    byId("mode-note").addEventListener("click", () => setMode("note"));
    byId("mode-reply").parentNode.addEventListener("keydown", (event) => {
      if (["ArrowLeft", "ArrowRight"].includes(event.key) && event.target.role === "radio") {
        setMode(noting() ? "reply" : "note");
        byId(`mode-${draft().mode}`).focus();
      }
    });
    byId("attach").addEventListener("click", () => byId("files").click());
    byId("files").addEventListener("change", (event) => {
      attach([...event.target.files]);
      event.target.value = "";
    });
    byId("template").addEventListener("click", pickTemplate);
    byId("suggest").addEventListener("click", () => {
      if (suggester.stop(draft())) return;
      void suggester.ask(thread, draft()).then(() => [document.body, byId("suggest")].includes(document.activeElement) && text.focus());
    });
    listenToDrops();
    setInterval(watchWindow, 15_000);
  }

  function listenToDrops() {
    const pane = byId("thread");
    const drop = byId("drop");
    const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    pane.addEventListener("dragover", (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      drop.hidden = false;
    });
    pane.addEventListener("dragleave", (event) => {
      if (!pane.contains(event.relatedTarget)) drop.hidden = true;
    });
    pane.addEventListener("drop", (event) => {
      drop.hidden = true;
      if (!carries(event)) return;
      event.preventDefault();
      attach([...event.dataTransfer.files]);
    });
    // A file dropped beside the thread would make the browser leave the page.
    for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => carries(event) && event.preventDefault());
  }

  function watchWindow() {
    if (!thread?.loaded) return;
    const until = thread.conversation.window_open_until;
    const closed = until && new Date(until) < Date.now();
    if (closed && !thread.windowSeen && block() === null) {
      thread.windowSeen = until;
      app.refresh();
    }
    render();
  }

  listen();

  return {
    show,
    render,
    focus: () => (text.hidden ? byId("mode-note") : text).focus(),
    reply: () => thread && setMode("reply"),
    note: () => thread && setMode("note"),
    replyTo(message) {
      if (!capabilities().replies) return setMode("reply");
      draft().replyTo = message;
      setMode("reply");
    },
    /** Escape in the composer: first the draft that is being written stops, then the quote goes. Says whether there was one. */
    cancel() {
      if (!thread || noting()) return false;
      if (suggester.stop(draft())) return true;
      if (!draft().replyTo) return false;
      cancelReply();
      return true;
    },
    /** Puts a message that was refused back into the draft. */
    takeBack(message) {
      const kept = draft();
      kept.mode = "reply";
      kept.reply = [message.content, kept.reply].filter(Boolean).join("\n");
      for (const file of message.attachments ?? []) kept.files.push({ name: file.filename, size: file.size, type: file.type, state: "ready", attachment: file, preview: file.url?.startsWith("blob:") ? file.url : null });
      app.outbox.discard(message.local);
      setMode("reply");
    },
    /** Gives a note that was not saved back to where it was written. */
    giveBack(from, words) {
      const kept = draftOf(from.id);
      kept.note = [words, kept.note].filter(Boolean).join("\n");
      if (thread?.id !== from.id) return;
      text.value = kept[kept.mode];
      render();
    },
    draftOf(id) {
      const kept = drafts.get(id);
      return kept ? plainName(kept.reply || kept.note).slice(0, 160) : "";
    },
    drafts: () => [...drafts.values()].flatMap((kept) => [kept.reply, kept.note]).filter((words) => words.trim()),
  };
}
