// Drafts of replies, with the records that they were written from. Nothing is sent: a draft is put where the agent
// writes, as text, while it comes.

import { announce, byId, el, fill, icon, named } from "../dom.js";
import { fullDate, plainName, shortTime } from "../format.js";

const NAMES = { ask: "Suggest a reply", stop: "Stop the draft" };

/**
 * The button and what is shown below the text. `app`: api, boot; `took(kept)` is called when the draft of a
 * conversation has changed.
 */
export function createSuggester(app, took) {
  const button = byId("suggest");
  const box = byId("suggestion");

  function render(kept, isPossible) {
    button.hidden = !isPossible || !app.boot.suggests;
    renderButton(kept.suggesting ? "stop" : "ask");
    const shown = isPossible ? kept.suggestion ?? null : null;
    // Built again only where it says something else: sources that are open stay open.
    if (box.shown === shown) return;
    box.shown = shown;
    box.hidden = !shown;
    fill(box, shown && (shown.error ? trouble(shown.error) : sourcesOf(shown)));
  }

  function renderButton(does) {
    if (button.dataset.does === does) return;
    button.dataset.does = does;
    button.setAttribute("aria-label", NAMES[does]);
    button.title = NAMES[does];
    fill(button, icon(does === "stop" ? "close" : "suggest"));
  }

  /** Asks for a draft, which is written behind what stands there; what was written meanwhile stays in front of it. */
  async function ask(thread, kept) {
    if (kept.suggesting) return;
    const stopper = new AbortController();
    const writing = { shown: "", stop: () => stopper.abort(), reader: createReader() };
    Object.assign(kept, { suggesting: writing, suggestion: null });
    took(kept);
    announce("Writing a draft");
    try {
      const suggestion = await app.api.suggest(thread.id, { signal: stopper.signal, hear: (text) => hear(kept, writing, text) });
      // The whole replaces its pieces, which are less of it where the answer broke off.
      replace(kept, writing, suggestion.draft);
      kept.suggestion = suggestion;
      writing.reader.end();
      announce("The draft is ready. Check it before you send it.");
    } catch (error) {
      if (stopper.signal.aborted) stopped(kept, writing);
      else failed(kept, error);
    }
    kept.suggesting = null;
    took(kept);
  }

  function hear(kept, writing, text) {
    if (!replace(kept, writing, writing.shown + text)) return writing.stop();
    writing.reader.read(text);
    took(kept);
  }

  function stopped(kept, { shown }) {
    if (shown) kept.suggestion = { sources: [], truncated: true, stopped: true };
    announce("The draft was stopped");
  }

  function failed(kept, error) {
    if (error.code === "not_set_up") app.boot.suggests = false;
    kept.suggestion = { error: error.code === "not_set_up" ? "Nobody writes drafts any more. An administrator can set it up again." : error.message };
    announce("There is no draft");
  }

  /** Stops the draft that is being written; says whether there was one. */
  function stop(kept) {
    kept.suggesting?.stop();
    return Boolean(kept.suggesting);
  }

  return { render, ask, stop };
}

/** Puts more of a draft in the place of what is shown of it. Whoever has written into that keeps what they wrote: false. */
function replace(kept, writing, text) {
  if (!kept.reply.endsWith(writing.shown)) return false;
  const front = kept.reply.slice(0, kept.reply.length - writing.shown.length);
  kept.reply = writing.shown ? front + text : [front.trimEnd(), text].filter(Boolean).join("\n\n");
  writing.shown = text;
  return true;
}

/** Reads a draft to screen readers while it comes, sentence by sentence. */
function createReader() {
  let rest = "";
  return {
    read(text) {
      const sentences = (rest + text).split(/(?<=[.!?]\s|[。！？\n])/u);
      rest = sentences.pop();
      for (const sentence of sentences) if (sentence.trim()) announce(sentence);
    },
    end: () => rest.trim() && announce(rest),
  };
}

const trouble = (words) => el("p", { class: "suggestion-trouble", role: "alert" }, icon("alert"), words);

function sourcesOf({ sources = [], truncated, stopped }) {
  const count = sources.length === 1 ? "1 source" : `${sources.length} sources`;
  return [
    el("p", { class: "faint" }, truncated ? "A draft that breaks off: complete it before you send it." : "A draft: check it before you send it.",
      sources.length === 0 && !stopped && " No record was found for it."),
    sources.length > 0 && el("details", null, el("summary", null, count), el("ul", null, sources.map(sourceElement))),
  ];
}

function sourceElement({ link_name: link, record_key: key, fetched_at: at, text }) {
  return el("li", null,
    el("div", { class: "source-head" }, named(plainName(link), "source-name"), named(plainName(key)), el("time", { datetime: at, title: fullDate(at), class: "faint" }, shortTime(at))),
    el("p", { class: "source-text", dir: "auto" }, plainName(text)));
}
