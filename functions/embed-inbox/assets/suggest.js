// Drafts of replies, with the records that they were written from. Nothing is sent: a draft is put where the agent
// writes, as text.

import { announce, byId, el, fill, icon, named } from "./dom.js";
import { fullDate, plainName, shortTime } from "./format.js";

/**
 * The button and what is shown below the text. `app`: api, boot; `took(kept)` is called when the draft of a
 * conversation has changed.
 */
export function createSuggester(app, took) {
  const button = byId("suggest");
  const box = byId("suggestion");

  function render(kept, isPossible) {
    button.hidden = !isPossible || !app.boot.suggests;
    button.disabled = Boolean(kept.suggesting);
    button.setAttribute("aria-busy", String(Boolean(kept.suggesting)));
    const shown = isPossible ? kept.suggestion ?? null : null;
    // Built again only where it says something else: sources that are open stay open.
    if (box.shown === shown) return;
    box.shown = shown;
    box.hidden = !shown;
    fill(box, shown && (shown.error ? trouble(shown.error) : sourcesOf(shown)));
  }

  /** Asks for a draft; what was written meanwhile stays in front of it. */
  async function ask(thread, kept) {
    if (kept.suggesting) return;
    Object.assign(kept, { suggesting: true, suggestion: null });
    took(kept);
    announce("Writing a draft");
    try {
      const suggestion = await app.api.suggest(thread.id);
      kept.reply = [kept.reply.trimEnd(), suggestion.draft].filter(Boolean).join("\n\n");
      kept.suggestion = suggestion;
      announce("The draft is ready. Check it before you send it.");
    } catch (error) {
      if (error.code === "not_set_up") app.boot.suggests = false;
      kept.suggestion = { error: error.code === "not_set_up" ? "Nobody writes drafts any more. An administrator can set it up again." : error.message };
      announce("There is no draft");
    }
    kept.suggesting = false;
    took(kept);
  }

  return { render, ask };
}

const trouble = (words) => el("p", { class: "suggestion-trouble", role: "alert" }, icon("alert"), words);

function sourcesOf({ sources = [], truncated }) {
  const count = sources.length === 1 ? "1 source" : `${sources.length} sources`;
  return [
    el("p", { class: "faint" }, truncated ? "A draft that breaks off: complete it before you send it." : "A draft: check it before you send it.",
      sources.length === 0 && " No record was found for it."),
    sources.length > 0 && el("details", null, el("summary", null, count), el("ul", null, sources.map(sourceElement))),
  ];
}

function sourceElement({ link_name: link, record_key: key, fetched_at: at, text }) {
  return el("li", null,
    el("div", { class: "source-head" }, named(plainName(link), "source-name"), named(plainName(key)), el("time", { datetime: at, title: fullDate(at), class: "faint" }, shortTime(at))),
    el("p", { class: "source-text", dir: "auto" }, plainName(text)));
}
