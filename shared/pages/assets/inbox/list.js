// The list of conversations: search, filters, paging, keyboard, and what changes meanwhile.

import { byId, el, fill, icon, named, reconcile } from "../dom.js";
import { customerName, fullDate, plainName, shortTime } from "../format.js";
import { avatar, statusIcon } from "./message.js";
import { preview, previewIcon } from "./timeline.js";

const PAGE = 50;
const TYPING_MILLIS = 250;
const STATUSES = { open: "Open", pending: "Pending", snoozed: "Snoozed", closed: "Closed", all: "All" };

/** The list. `app`: api, assigner, boot, open(id), draftOf(id), channelName(channel), agentName(text). */
export function createList(app) {
  const box = byId("conversations");
  const note = byId("list-note");
  const filters = { status: app.boot.scope?.customer_id ? "all" : "open", channel: "", unread: false, owner: "all", q: "" };
  const me = app.boot.agent;
  const rows = new Map();
  let counts = null;
  let cursor = null;
  let hasMore = false;
  let sequence = null;
  let loading = null;
  let problem = null;
  let active = null;
  let open = null;
  // Rows that the viewer just dealt with stay until another is opened, though they no longer match.
  let sticky = null;

  const sorted = () => [...rows.values()].sort((a, b) => compare(b.last_message_at ?? b.created_at, a.last_message_at ?? a.created_at) || compare(b.id, a.id));
  const query = () => ({ status: filters.status, channel: filters.channel, q: filters.q, unread: filters.unread ? "true" : "", assignee: filters.owner === "mine" ? me.id : "", unassigned: filters.owner === "unassigned" ? "true" : "", limit: PAGE });

  function take(answer, fresh) {
    if (fresh) rows.clear();
    for (const row of answer.conversations) rows.set(row.id, row);
    hasMore = answer.has_more;
    cursor = answer.next_cursor;
    counts = answer.counts ?? counts;
    if (fresh && sequence === null) sequence = answer.sequence;
    box.setAttribute("aria-busy", "false");
    render();
  }

  async function load(fresh) {
    if (loading && !fresh) return;
    loading?.abort();
    const mine = (loading = new AbortController());
    problem = null;
    if (fresh) box.setAttribute("aria-busy", "true");
    renderNote();
    try {
      const answer = await app.api.conversations({ ...query(), cursor: fresh ? "" : cursor }, mine.signal);
      if (mine !== loading) return;
      loading = null;
      take(answer, fresh);
      if (fresh) box.scrollTop = 0;
      loadMoreNearEnd();
    } catch (error) {
      if (mine !== loading || mine.signal.aborted) return;
      loading = null;
      problem = error;
      box.setAttribute("aria-busy", "false");
      renderNote();
    }
  }

  // A hidden list has no height, and would fetch page after page.
  function loadMoreNearEnd() {
    if (hasMore && box.clientHeight > 0 && box.scrollHeight - box.scrollTop - box.clientHeight < 600) void load(false);
  }

  function matches(row) {
    return (filters.status === "all" || row.status === filters.status) &&
      (!filters.channel || row.channel === filters.channel) &&
      (!filters.unread || row.unread_count > 0) &&
      (filters.owner !== "mine" || app.assigner.isMine(row.assignee)) &&
      (filters.owner !== "unassigned" || !row.assignee);
  }

  /** Takes in changed rows. What a search would find only the server knows: then only known rows change. */
  function update(changed, newCounts) {
    for (const row of changed) {
      const old = rows.get(row.id);
      if (!newCounts) recount(old, row);
      const belongs = (matches(row) && (!filters.q || old)) || row.id === sticky;
      // Older than what is loaded: the next page will bring it.
      const beyond = !old && hasMore && compare(row.last_message_at, sorted().at(-1)?.last_message_at) < 0;
      if (belongs && !beyond) rows.set(row.id, row);
      else rows.delete(row.id);
    }
    if (newCounts) counts = newCounts;
    render();
  }

  function recount(old, row) {
    if (!counts || !old) return;
    const moved = { ...counts };
    if (old.status !== row.status) {
      moved[old.status] -= 1;
      moved[row.status] += 1;
    }
    moved.unread += (row.unread_count > 0) - (old.unread_count > 0);
    counts = moved;
  }

  function render() {
    const shown = sorted();
    const draftOf = (row) => (row.id === open ? "" : app.draftOf(row.id));
    reconcile(box, shown, {
      key: (row) => row.id,
      signature: (row) => JSON.stringify([row, row.id === open, row.id === active, draftOf(row), shortTime(row.last_message_at ?? row.created_at)]),
      build: (row) => rowElement(row, { app, selected: row.id === open, active: row.id === active, draft: draftOf(row) }),
    });
    if (active && rows.has(active)) box.setAttribute("aria-activedescendant", `c-${active}`);
    else box.removeAttribute("aria-activedescendant");
    renderNote();
    renderCounts();
  }

  function renderNote() {
    if (problem) fill(note, el("p", null, problem.message), el("button", { type: "button", class: "button quiet", click: () => load(rows.size === 0) }, "Try again"));
    else if (loading && rows.size === 0) fill(note, el("p", { class: "unseen" }, "Loading"));
    else if (loading) fill(note, el("p", { class: "faint" }, "Loading more …"));
    else if (rows.size === 0) fill(note, el("p", { class: "empty" }, emptyText()), filtered() && el("button", { type: "button", class: "button quiet", click: clearFilters }, "Clear the filters"));
    else fill(note);
  }

  const filtered = () => filters.q || filters.channel || filters.unread || filters.owner !== "all";

  function emptyText() {
    if (filters.q) return "Nothing found.";
    if (filters.unread) return "Everything is read.";
    if (filters.owner === "mine") return "Nothing is assigned to you here.";
    if (filters.owner === "unassigned") return "Everything is assigned to somebody.";
    return filters.status === "all" ? "No conversations yet." : `No ${filters.status} conversations.`;
  }

  function renderCounts() {
    for (const option of byId("filter-status").options) {
      const count = counts?.[option.value];
      option.textContent = count ? `${STATUSES[option.value]} (${count})` : STATUSES[option.value];
    }
    const total = byId("unread-total");
    total.hidden = !counts?.unread;
    total.textContent = counts?.unread ?? "";
    total.setAttribute("aria-label", `${counts?.unread ?? 0} unread`);
  }

  function clearFilters() {
    Object.assign(filters, { q: "", channel: "", unread: false, owner: "all" });
    byId("search").value = "";
    byId("filter-channel").value = "";
    renderToggles();
    void load(true);
  }

  function step(by, andOpen) {
    const order = sorted();
    if (order.length === 0) return;
    const at = order.findIndex((row) => row.id === (andOpen ? open : active) );
    const next = order[Math.min(order.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : order.length - 1) : at + by))];
    activate(next.id);
    if (andOpen && next.id !== open) app.open(next.id, { keepFocus: true });
  }

  function activate(id) {
    active = id;
    render();
    byId(`c-${id}`)?.scrollIntoView({ block: "nearest" });
    if (sorted().at(-1)?.id === id && hasMore) void load(false);
  }

  const keys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    PageDown: () => step(8),
    PageUp: () => step(-8),
    Home: () => activate(sorted()[0]?.id),
    End: () => activate(sorted().at(-1)?.id),
    Enter: () => active && app.open(active),
    " ": () => active && app.open(active),
  };

  function listen() {
    box.addEventListener("keydown", (event) => {
      if (!keys[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      if (rows.size) keys[event.key]();
    });
    box.addEventListener("focus", () => {
      if (!active || !rows.has(active)) active = open && rows.has(open) ? open : sorted()[0]?.id ?? null;
      render();
    });
    box.addEventListener("click", (event) => {
      const id = event.target.closest("[data-id]")?.dataset.id;
      if (!id) return;
      active = id;
      app.open(id);
    });
    box.addEventListener("scroll", loadMoreNearEnd, { passive: true });
    listenToFilters();
  }

  function listenToFilters() {
    let timer = 0;
    byId("search").addEventListener("input", (event) => {
      filters.q = event.target.value.trim();
      clearTimeout(timer);
      timer = setTimeout(() => void load(true), TYPING_MILLIS);
    });
    byId("search").addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "Enter") return;
      event.preventDefault();
      box.focus();
    });
    byId("filter-status").value = filters.status;
    byId("filter-status").addEventListener("change", (event) => {
      filters.status = event.target.value;
      void load(true);
    });
    const channels = Object.entries(app.boot.channels ?? {}).map(([id, capabilities]) => el("option", { value: id }, capabilities.name ?? id));
    byId("filter-channel").append(...channels);
    byId("filter-channel").addEventListener("change", (event) => {
      filters.channel = event.target.value;
      void load(true);
    });
    byId("filter-owner").hidden = !me;
    byId("filter-owner").addEventListener("change", (event) => setOwner(event.target.value));
    byId("filter-unread").addEventListener("click", toggleUnread);
  }

  function toggleUnread() {
    filters.unread = !filters.unread;
    renderToggles();
    void load(true);
  }

  function setOwner(owner) {
    filters.owner = owner;
    renderToggles();
    void load(true);
  }

  function renderToggles() {
    byId("filter-unread").setAttribute("aria-pressed", String(filters.unread));
    byId(`owner-${filters.owner}`).checked = true;
  }

  listen();
  // Another day turns "14:05" into "Yesterday".
  setInterval(render, 60_000);

  return {
    start() {
      // The server's first page serves unless the page begins with other filters than it.
      if (app.boot.conversations && filters.status === "open") take(app.boot.conversations, true);
      else return load(true);
    },
    /** Loads anew, for instance when the feed of changes was lost; gives up the old sequence. */
    async reload() {
      sequence = null;
      await load(true);
      return sequence;
    },
    update,
    render,
    toggleUnread,
    toggleMine: () => setOwner(filters.owner === "mine" ? "all" : "mine"),
    next: () => step(1, true),
    previous: () => step(-1, true),
    row: (id) => rows.get(id),
    first: () => sorted()[0],
    size: () => rows.size,
    sequence: () => sequence,
    tags: () => [...new Set([...rows.values()].flatMap((row) => row.tags ?? []))],
    /** Marks a row as the one that is open. */
    select(id) {
      if (sticky && sticky !== id && rows.has(sticky) && !matches(rows.get(sticky))) rows.delete(sticky);
      open = active = sticky = id;
      render();
    },
    focus: () => box.focus(),
  };
}

const compare = (a, b) => (a === b ? 0 : (a ?? "") < (b ?? "") ? -1 : 1);

function rowElement(row, { app, selected, active, draft }) {
  const name = customerName(row.customer);
  const unread = row.unread_count > 0;
  const time = row.last_message_at ?? row.created_at;
  const classes = ["conversation", selected && "selected", active && "active", unread && "unread"].filter(Boolean).join(" ");
  return el("div", { class: classes, role: "option", id: `c-${row.id}`, "data-id": row.id, "aria-selected": String(selected), "aria-label": spoken(row, name, app) },
    el("span", { class: "face" }, avatar(row.customer?.id, name), el("span", { class: `channel ${row.channel}`, title: app.channelName(row.channel) }, icon(row.channel))),
    el("div", { class: "lines" },
      el("div", { class: "line" }, el("span", { class: "name" }, named(name)), priority(row), el("time", { datetime: time, title: fullDate(time) }, shortTime(time))),
      el("div", { class: "line" }, previewLine(row, draft), unread && el("span", { class: "badge" }, row.unread_count > 99 ? "99+" : row.unread_count)),
      chips(row, app)));
}

function spoken(row, name, app) {
  const last = row.last_message;
  return [
    name, app.channelName(row.channel), row.unread_count > 0 && `${row.unread_count} unread`, row.status !== "open" && row.status,
    ["high", "urgent"].includes(row.priority) && `${row.priority} priority`, last && `${last.direction === "outbound" ? "You: " : ""}${preview(last)}`,
    shortTime(row.last_message_at ?? row.created_at),
  ].filter(Boolean).join(", ");
}

const priority = (row) => (["high", "urgent"].includes(row.priority) ? icon("flag", `${row.priority === "urgent" ? "Urgent" : "High"} priority`, `priority ${row.priority}`) : null);

function previewLine(row, draft) {
  if (draft) return el("span", { class: "preview" }, el("b", { class: "draft" }, "Draft: "), named(draft));
  const last = row.last_message;
  const type = previewIcon(last);
  return el("span", { class: "preview" },
    last?.direction === "outbound" && statusIcon(last.status),
    type && icon(type),
    el("span", { class: "preview-text" }, named(preview(last) || "No messages yet")));
}

function chips(row, app) {
  const words = [
    row.status !== "open" && el("span", { class: `chip ${row.status}` }, STATUSES[row.status] ?? row.status),
    row.assignee && el("span", { class: "chip", dir: "auto", title: "Assigned to" }, plainName(app.agentName(row.assignee))),
    ...(row.tags ?? []).slice(0, 3).map((tag) => el("span", { class: "chip tag", dir: "auto" }, plainName(tag))),
  ].filter(Boolean);
  return words.length ? el("div", { class: "chips" }, words) : null;
}
