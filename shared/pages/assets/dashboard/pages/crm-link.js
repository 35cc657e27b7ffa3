// One link: how it is doing, fetching it now, and what can be changed.

import { el, fill, named, toast } from "../../dom.js";
import { duration, fileSize, plainName } from "../../format.js";
import { busy, confirmAct } from "../acts.js";
import { pathOf } from "../address.js";
import { form } from "../forms.js";
import { openDialog } from "../../dialog.js";
import { table } from "../lists.js";
import { button, codeLine, empty, facts, failure, later, light, linkButton, note, pageHead, progressBar, section, tabs, when } from "../ui.js";
import { TYPES, changesOf, linkFields, linkOf } from "./crm-link-form.js";
import { channelNames, linkState } from "./crm-links.js";

/** How often a fetch is asked after, and for how long, in milliseconds. */
const EVERY_MILLIS = 1500;
const MOST_MILLIS = 180_000;
const FETCHES = { ok: ["good", "Done"], not_modified: ["good", "Nothing changed"], failed: ["bad", "Failed"], suspect_shrink: ["warn", "Many records gone"] };

export async function show(app, id, view = "") {
  const path = `crm-links/${encodeURIComponent(id)}`;
  const { crm_link: link } = await app.api.get(path, null, { signal: app.signal });
  app.name(plainName(link.name));
  const at = (...rest) => pathOf("crm-links", id, ...rest);
  const head = (...acts) => [
    pageHead(link.name, null, linkButton("All links", pathOf("crm-links")), ...acts),
    tabs("Parts of the link", [["Status", at(), view === ""], ["Documents", at("documents"), view === "documents"], ["Settings", at("settings"), view === "settings"]]),
  ];
  if (view === "settings") return [...head(), settings(app, path, link)];
  if (view === "documents") return [...head(), await (await import("./crm-link-documents.js")).documents(app, link)];
  return status(app, path, link, head);
}

function status(app, path, link, head) {
  const against = app.against("admin");
  const progress = el("div", { role: "status" });
  const isOAuth = link.auth.type === "oauth2" && link.auth.grant === "authorization_code";
  const refresh = link.type !== "webhook" && button("Refresh now", (event) => busy(event, () => fetchNow(app, path, link, progress)), { kind: "primary", against: against ?? (link.is_active ? null : "The link is off.") });
  const fetch = link.last_fetch;
  return [
    ...head(isOAuth && button("Authorize…", (event) => busy(event, () => authorize(app, path)), { against }), refresh),
    progress,
    link.state === "suspect_shrink" && el("div", { class: "listing" }, note("The source had less than half of its records at the last fetch. What was there before is searched on, until a second fetch finds about as few, or you say that they are gone.", "warn"),
      el("div", { class: "acts" }, button("The records are gone…", () => acceptShrink(app, path, link, progress), { against }))),
    fetch?.error && note([el("strong", null, "Last fetch: "), el("bdi", { dir: "auto" }, fetch.error)], fetch.status === "failed" ? "bad" : "warn"),
    section("Link", facts([
      ["State", linkState(link)], ["Source", TYPES.find(([value]) => value === link.type)?.[1] ?? link.type], ["URL", codeLine(link.url)], ["Page", named(link.page_id)], ["Channels", channelNames(link.channels)],
      ["Description", link.description ? named(link.description) : null], ["Key", link.api_key ? "Set, sealed" : null], ["Fetched every", link.type === "webhook" ? null : duration(link.schedule_minutes * 60_000)],
      ["Next fetch", link.next_fetch_at ? when(link.next_fetch_at) : null], ["Redirect URI", link.redirect_uri ? codeLine(link.redirect_uri) : null],
      ["Push to", link.type === "webhook" ? codeLine(`${location.origin}/api/webhooks/crm-links/${link.id}`) : null], ["File", link.file ? [named(link.file.name), `, ${fileSize(link.file.size)}`] : null],
    ])),
    link.type === "file" && link.url.startsWith("file:") && upload(app, path, link, against),
    section("Last fetches", later(() => fetches(app, link))),
    section(link.is_active ? "Switch off" : "Switch on",
      el("p", null, link.is_active ? "While it is off, nothing is fetched, and its records are found by no search." : "It is fetched again, and its records are searched."),
      el("div", { class: "acts" }, button(link.is_active ? "Switch off" : "Switch on", (event) => busy(event, async () => {
        await app.api.put("crm-links/status", { page_id: link.page_id, url: link.url, is_active: !link.is_active });
        toast(link.is_active ? "The link is off." : "The link is on.");
        app.reload();
      }), { against }))),
    section("Remove", el("p", null, "The link goes, with its key and all that was fetched by it. The source keeps its records."), el("div", { class: "acts" }, button("Remove…", () => remove(app, link), { against }))),
  ];
}

async function fetches(app, link) {
  const { links } = await app.api.get("crm-links/health", null, { signal: app.signal });
  const mine = links.find((one) => one.id === link.id);
  if (!mine?.fetches.length) return empty("Nothing was fetched yet", link.type === "webhook" ? "Push records to the link, signed with its secret." : "The first fetch follows within a minute of adding; Refresh now does not wait.");
  return [
    mine.embedding_backlog > 0 && note(`${mine.embedding_backlog.toLocaleString()} parts wait to be embedded; until then words alone find them.`),
    table("Last fetches", [
      { title: "When", cell: ({ at }) => when(at) },
      { title: "Result", cell: (one) => [light(...(FETCHES[one.status] ?? ["off", one.status])), one.error && el("span", { class: "sub", dir: "auto" }, one.error)] },
      { title: "Records", kind: "num", cell: ({ records }) => records.toLocaleString() },
      { title: "Changed", kind: "num", cell: ({ changed }) => changed.toLocaleString() },
      { title: "Removed", kind: "num", cell: ({ removed }) => removed.toLocaleString() },
      { title: "Took", kind: "num", cell: ({ ms }) => `${(ms / 1000).toLocaleString(undefined, { maximumFractionDigits: 1 })} s` },
    ], mine.fetches),
  ];
}

/** Has it fetched, and waits for the end: a later fetch than the one before. */
async function fetchNow(app, path, link, box, body = {}) {
  const before = link.last_fetch?.at ?? null;
  fill(box, progressBar(null, null, "The fetch is due…"));
  try {
    await app.api.post(`${path}/refresh`, body);
    const started = Date.now();
    while (Date.now() - started < MOST_MILLIS) {
      await new Promise((resolve) => setTimeout(resolve, EVERY_MILLIS));
      if (app.signal.aborted) return;
      const { crm_link: now } = await app.api.get(path, null, { signal: app.signal });
      if (now.last_fetch && now.last_fetch.at !== before) {
        const { status: end, records, changed, removed } = now.last_fetch;
        toast(end === "failed" ? "The fetch failed." : `Fetched: ${records.toLocaleString()} records, ${changed.toLocaleString()} changed, ${removed.toLocaleString()} removed.`);
        return app.reload();
      }
      fill(box, progressBar(null, null, `Fetching, for ${Math.round((Date.now() - started) / 1000)} s…`));
    }
    fill(box, note("The fetch goes on. Look again later; nothing is lost when you leave."));
  } catch (error) {
    if (!app.signal.aborted) fill(box, failure(error));
  }
}

const acceptShrink = async (app, path, link, box) => {
  const isSure = await confirmAct("Are the records gone?", "The link is fetched now, and what it no longer has is removed from the search, however much that is.", "Fetch and remove", async () => {});
  if (isSure) await fetchNow(app, path, link, box, { accept_shrink: true });
};

async function authorize(app, path) {
  const { authorize_url, redirect_uri, expires_at } = await app.api.post(`${path}/authorize`);
  const isSafe = authorize_url.startsWith("https://");
  openDialog("Authorize the link", [
    el("p", null, "Register this redirect URI with the client at the other side, exactly:"), codeLine(redirect_uri),
    el("p", null, "Then open the consent page in a new tab, once, until ", when(expires_at), ". When you are back here, close this; the link is fetched by itself."),
    isSafe ? el("p", null, el("a", { class: "button primary", href: authorize_url, target: "_blank", rel: "noopener noreferrer" }, "Open the consent page")) : note("The address of the consent page is not https.", "bad"),
  ], { wide: true, closed: () => app.reload() });
}

const FILE_TYPES = { csv: "text/csv", tsv: "text/tab-separated-values", json: "application/json", jsonl: "application/x-ndjson", md: "text/markdown", html: "text/html", txt: "text/plain" };

function upload(app, path, link, against) {
  const input = el("input", { type: "file", accept: Object.keys(FILE_TYPES).map((one) => `.${one}`).join(), "aria-label": "File", disabled: Boolean(against) });
  return section("File", el("p", null, "A new file replaces the one before as a whole: at most 16 MiB of CSV, TSV, JSON, JSON lines, Markdown, HTML or text."), el("div", { class: "acts" }, input, button("Upload", (event) => busy(event, async () => {
    const [file] = input.files;
    if (!file) return toast("Choose a file first.");
    const type = FILE_TYPES[file.name.split(".").at(-1).toLowerCase()] ?? "text/plain";
    await app.api.put(`${path}/file?name=${encodeURIComponent(link.url.slice("file:".length))}`, file, { headers: { "content-type": type }, seconds: 120 });
    toast("Uploaded. It is being read.");
    return app.reload();
  }), { against })));
}

function settings(app, path, link) {
  const against = app.against("admin");
  const node = form({
    fields: linkFields(link), label: "Save", against,
    async submit(values) {
      const changes = changesOf(before, linkOf(values));
      if (Object.keys(changes).length === 0) return toast("Nothing changed.");
      await app.api.patch(path, changes);
      toast("Saved. The next fetch follows it.");
      return app.go(pathOf("crm-links", link.id));
    },
  });
  const before = linkOf(node.values());
  return section("Settings", node);
}

async function remove(app, link) {
  const records = link.last_fetch?.records ?? 0;
  const isDone = await confirmAct(`Remove ${plainName(link.name)}?`, [
    el("p", null, named(link.url)),
    el("p", null, `This deletes the link for all of its channels, its key, and ${records === 0 ? "whatever was" : `the ${records.toLocaleString()} records that were`} fetched by it. Answers no longer know them. It cannot be undone, but the link can be added again.`),
  ], "Remove", () => app.api.remove("crm-links", { body: { page_id: link.page_id, url: link.url } }), { done: "The link is removed." });
  if (isDone) app.go(pathOf("crm-links"));
}
