// Calls of the API, newest first; bodies are kept nowhere.

import { el, named } from "../../dom.js";
import { openDialog } from "../../dialog.js";
import { pagedList, paged } from "../lists.js";
import { button, codeLine, empty, facts, light, note, pageHead, when } from "../ui.js";

/** How often the tail asks, in milliseconds. */
const TAIL_MILLIS = 3000;

export async function show(app) {
  let tail = null;
  let timer = 0;
  let isLive = false;
  const load = async (filters, cursor) => {
    const page = await app.api.get("api-log", { ...filters, cursor, limit: 50 }, { signal: app.signal });
    if (!cursor) tail = page.tail;
    return paged(page, "calls");
  };
  try {
    await app.api.get("api-log", { limit: 1 }, { signal: app.signal });
  } catch (error) {
    if (error.status !== 404) throw error;
    return [pageHead("API log"), note("This deployment keeps no log of calls yet. It has one from its next version on.")];
  }
  const list = pagedList(app, {
    label: "Calls",
    filters: [
      { name: "operation", label: "Operation", kind: "search", placeholder: "message_send" },
      { name: "status", label: "Status", options: [["", "All"], ["2xx", "2xx, done"], ["4xx", "4xx, refused"], ["5xx", "5xx, failed"]] },
      { name: "key_id", label: "Key", kind: "text" },
      { name: "request_id", label: "Request", kind: "text", placeholder: "req_…" },
    ],
    load,
    none: (isFiltered) => (isFiltered ? empty("No call like that", "No call of the last 30 days fits these filters. Take one away.") : empty("No calls yet", "Call the API with a key, and the call stands here a few seconds later.")),
    open: showCall,
    columns: [
      { title: "When", cell: ({ at }) => when(at) },
      { title: "Call", cell: (call) => [el("button", { type: "button", class: "link-button", click: () => showCall(call) }, call.operation), el("span", { class: "sub" }, `${call.method ?? ""} ${call.path ?? ""}`)] },
      { title: "Status", cell: (call) => [statusOf(call), call.error && el("span", { class: "sub" }, call.error)] },
      { title: "Took", kind: "num", cell: ({ ms }) => `${ms} ms` },
      { title: "Who", cell: (call) => named(whoOf(call)) },
    ],
  });
  await list.ready;

  const words = el("span");
  const toggle = button("Follow live", () => (isLive ? stop() : follow()), { glyph: "clock" });
  toggle.setAttribute("aria-pressed", "false");
  function follow() {
    isLive = true;
    toggle.setAttribute("aria-pressed", "true");
    words.textContent = "New calls appear by themselves.";
    timer = setTimeout(look, TAIL_MILLIS);
  }
  function stop(text = "") {
    isLive = false;
    clearTimeout(timer);
    toggle.setAttribute("aria-pressed", "false");
    words.textContent = text;
  }
  async function look() {
    try {
      // Nobody looks at a page that is hidden.
      if (!document.hidden && tail) {
        const page = await app.api.get("api-log", { ...app.filters, after: tail, limit: 50 }, { signal: app.signal });
        tail = page.tail;
        if (page.calls.length > 0) list.addBefore(page.calls);
      }
    } catch (error) {
      if (app.signal.aborted) return;
      if (!error.passing) return stop(`Not live any more: ${error.message}`);
    }
    if (isLive && !app.signal.aborted) timer = setTimeout(look, TAIL_MILLIS);
  }
  app.signal.addEventListener("abort", () => stop());
  return [pageHead("API log", "Who called what in the last 30 days, and how it ended. Bodies are not kept.", words, toggle), list];
}

const whoOf = (call) => call.key_name || call.member_name || call.key_id || call.member_id || "";

function statusOf({ status }) {
  return light(status >= 500 ? "bad" : status >= 400 ? "warn" : "good", String(status));
}

function showCall(call) {
  openDialog(call.operation, facts([
    ["When", when(call.at)], ["Call", el("code", { dir: "ltr" }, `${call.method ?? ""} ${call.path ?? ""}`)], ["Status", statusOf(call)], ["Error", call.error && el("code", null, call.error)],
    ["Took", `${call.ms} ms`], ["Who", named(whoOf(call))], ["Key", call.key_id && codeLine(call.key_id)], ["Member", call.member_id && codeLine(call.member_id)], ["Function", call.function], ["Request", codeLine(call.request_id)],
  ]), { wide: true });
}
