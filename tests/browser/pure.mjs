// The parts of the page that need no browser, and what its files must never contain.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assignPure } from "./assign.mjs";

const assets = new URL("../../shared/pages/assets/", import.meta.url);
const folder = new URL("inbox/", assets);
const pages = new URL("../../functions/embed-inbox/src/page/", import.meta.url);
const load = (name) => import(new URL(name, folder));
/** Every script of every page. */
const scripts = () => readdirSync(fileURLToPath(assets), { recursive: true }).filter((name) => name.endsWith(".js"));

const message = (id, minute, more = {}) => ({ id, created_at: `2026-11-21T10:${String(minute).padStart(2, "0")}:00Z`, direction: "inbound", type: "text", content: id, status: "received", attachments: [], reply_to: null, ...more });

/** The names of a script and of all that it imports, dynamic imports left out. */
function importedBy(first) {
  const imported = new Set([first]);
  for (const name of imported) {
    const here = new URL(name, assets);
    for (const [, next] of readFileSync(here, "utf8").matchAll(/^import .* from "(\.\.?\/.+)";$/gm)) imported.add(new URL(next, here).href.slice(assets.href.length));
  }
  return imported;
}

export const pure = {
  ...assignPure(load),
  "no script of the page writes markup or runs text"() {
    const banned = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|createContextualFragment|setTimeout\(["'`]/;
    for (const name of scripts()) assert.doesNotMatch(readFileSync(new URL(name, assets), "utf8"), banned, name);
  },
  "no script of the page keeps anything in the browser"() {
    const banned = /localStorage|sessionStorage|indexedDB|document\.cookie|caches\.|serviceWorker/;
    for (const name of scripts()) assert.doesNotMatch(readFileSync(new URL(name, assets), "utf8"), banned, name);
  },
  "the shells have no inline script, style or handler"() {
    for (const name of readdirSync(fileURLToPath(pages))) {
      const text = readFileSync(new URL(name, pages), "utf8");
      assert.doesNotMatch(text, /<style|\sstyle=|\son\w+=|<script>(?!\s*<)/, name);
    }
  },
  "the shell announces every module that the page imports"() {
    const shell = readFileSync(new URL("inbox.html", pages), "utf8");
    const imported = importedBy("inbox/inbox.js");
    // The script itself, and what the page before it has loaded by then.
    for (const name of ["inbox/inbox.js", "inbox/over.js"]) assert.ok(imported.delete(name), name);
    assert.ok(imported.size > 10, [...imported].join(" "));
    for (const name of imported) assert.ok(shell.includes(`modulepreload" href="{{assets}}/${name}"`), name);
  },
  async "160 septets are one segment, 161 are two, an emoji halves them"() {
    const { smsSegments } = await load("limits.js");
    assert.deepEqual(smsSegments("a".repeat(160)), { encoding: "GSM-7", segments: 1, left: 0 });
    assert.equal(smsSegments("a".repeat(161)).segments, 2);
    assert.equal(smsSegments("a".repeat(306)).segments, 2);
    assert.equal(smsSegments("a".repeat(307)).segments, 3);
    assert.deepEqual(smsSegments("€".repeat(80)), { encoding: "GSM-7", segments: 1, left: 0 });
    assert.equal(smsSegments("€".repeat(81)).segments, 2);
    assert.deepEqual(smsSegments("ж".repeat(70)), { encoding: "UCS-2", segments: 1, left: 0 });
    assert.equal(smsSegments("ж".repeat(71)).segments, 2);
    // 35 pairs fit one message; 34 are 68 units, of which a joined segment holds 67.
    assert.equal(smsSegments("🎉".repeat(35)).segments, 1);
    assert.equal(smsSegments("🎉".repeat(67)).segments, 3);
    assert.equal(smsSegments("").segments, 0);
  },
  async "events are read however they are cut"() {
    const { eventsOf } = await load("events.js");
    const events = [{ name: "sources", data: { sources: [] } }, { name: "delta", data: { text: "é: a\n\nb 🎉" } }, { name: "done", data: { draft: "x" } }];
    const bytes = new TextEncoder().encode(`${events.map(({ name, data }) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join("")}event: half`);
    for (let size = 1; size <= bytes.length; size += 1) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.slice(at * size, (at + 1) * size));
      const told = [];
      for await (const event of eventsOf(new Response(ReadableStream.from(pieces)).body)) told.push(event);
      assert.deepEqual(told, events, `${size} bytes`);
    }
  },
  async "lengths are counted as the channel counts"() {
    const { lengthOf } = await load("limits.js");
    assert.equal(lengthOf("aé🎉", "bytes"), 7);
    assert.equal(lengthOf("aé🎉", "characters"), 3);
  },
  async "a file is refused before it is uploaded"() {
    const { fileProblem } = await load("limits.js");
    const channel = { name: "SMS", max_attachments: 2, media: [{ type: "image/*", max_bytes: 10 }, { type: "application/pdf", max_bytes: 100 }] };
    const check = (file, already = 0) => fileProblem(file, channel, already, String);
    assert.equal(check({ name: "a.png", type: "image/png", size: 10 }), null);
    assert.match(check({ name: "a.png", type: "image/png", size: 11 }), /Too large/);
    assert.match(check({ name: "a.exe", type: "", size: 1 }), /does not take/);
    assert.equal(check({ name: "a.pdf", type: "", size: 1 }), null);
    assert.match(check({ name: "a.png", type: "image/png", size: 1 }, 2), /No more than 2/);
  },
  async "only harmless links become links"() {
    const { linkParts } = await load("../format.js");
    const links = (text) => linkParts(text).filter((part) => part.href).map((part) => part.href);
    assert.deepEqual(links("see https://a.example/x. And www.b.example, or (https://c.example/d_(e)) now"), ["https://a.example/x", "https://www.b.example/", "https://c.example/d_(e)"]);
    assert.deepEqual(links("javascript:alert(1) data:text/html,x vbscript:x file:///etc"), []);
    assert.deepEqual(links("mail me@a.example."), ["mailto:me@a.example"]);
    assert.equal(linkParts("a https://b.example c").map((part) => part.text).join(""), "a https://b.example c");
    const started = Date.now();
    for (const text of ["a".repeat(20_000), "a@".repeat(10_000), `https://${"a)".repeat(900)}`]) linkParts(text);
    assert.ok(Date.now() - started < 1500, "links of a hostile text take too long");
  },
  async "characters that reorder a file name are taken out"() {
    const { plainName, initials } = await load("../format.js");
    assert.equal(plainName("invoice\u202efdp.exe"), "invoicefdp.exe");
    assert.equal(initials("  "), "?");
    assert.equal(initials("<img> Müller"), "IM");
  },
  async "a mail that is not proven, or not the customer's, is named with its address"() {
    const { senderOf, senderWarning } = await load("timeline.js");
    const mail = (sender_verified, participant, more = {}) => message("a", 1, { channel: "email", sender_verified, participant, detail: { from: "ann@x.example", from_name: "Ann" }, ...more });
    assert.equal(senderWarning(mail("pass", "customer")), null);
    assert.equal(senderWarning(message("a", 1)), null);
    assert.equal(senderWarning(mail("fail", "other", { direction: "outbound" })), null);
    for (const [verified, participant, tone] of [["none", "customer", "warn"], ["none", "other", "warn"], ["fail", "other", "bad"], ["pass", "other", "info"]]) {
      const warning = senderWarning(mail(verified, participant));
      assert.equal(warning.tone, tone);
      assert.ok(warning.text.includes("ann@x.example"), warning.text);
    }
    assert.deepEqual(senderOf(mail("pass", "other")), { email: "ann@x.example", name: "Ann" });
    assert.equal(senderOf(mail("pass", "customer")), null);
  },
  async "answers can go to who wrote, to Reply-To, and back to the customer"() {
    const { answerChoices } = await load("timeline.js");
    const mail = (participant, detail, more = {}) => message("a", 1, { channel: "email", sender_verified: "pass", participant, detail, ...more });
    const own = "joe@x.example";
    assert.deepEqual(answerChoices(mail("customer", { from: own }), own, own), []);
    assert.deepEqual(answerChoices(mail("customer", { from: own, reply_to: "office@x.example" }), own, own), ["office@x.example"]);
    assert.deepEqual(answerChoices(mail("customer", { from: own, reply_to: "office@x.example" }), "office@x.example", own), [own]);
    assert.deepEqual(answerChoices(mail("other", { from: "ann@x.example" }), own, own), ["ann@x.example"]);
    assert.deepEqual(answerChoices(mail("other", { from: "ann@x.example", reply_to: "ann@x.example" }, { sender_verified: "fail" }), own, own), []);
    assert.deepEqual(answerChoices(mail("customer", { from: own, reply_to: "office@x.example" }, { direction: "outbound" }), own, own), []);
  },
  async "a reaction stands on its message, and an empty one takes it back"() {
    const { entriesOf, merge, newThread } = await load("timeline.js");
    const thread = newThread("t");
    merge(thread, { messages: [message("a", 0), message("b", 1, { type: "reaction", reply_to: "a", content: "❤️" })] });
    assert.deepEqual(entriesOf(thread).filter((e) => e.kind === "message").map((e) => [e.key, e.reactions]), [["a", ["❤️"]]]);
    merge(thread, { messages: [message("c", 2, { type: "reaction", reply_to: "a", content: "" })] });
    assert.deepEqual(entriesOf(thread).filter((e) => e.kind === "message").map((e) => e.reactions), [[]]);
  },
  async "a late answer does not take a status back"() {
    const { merge, newThread } = await load("timeline.js");
    const thread = newThread("t");
    for (const status of ["sent", "read", "delivered"]) merge(thread, { messages: [message("a", 0, { direction: "outbound", status })] });
    assert.equal(thread.messages.get("a").status, "read");
    merge(thread, { messages: [message("a", 0, { direction: "outbound", status: "failed" })] });
    assert.equal(thread.messages.get("a").status, "failed");
  },
  async "messages of one side within five minutes are one group"() {
    const { entriesOf, merge, newThread } = await load("timeline.js");
    const thread = newThread("t");
    merge(thread, { messages: [message("a", 0), message("b", 3), message("c", 20), message("d", 21, { direction: "outbound" })], notes: [{ id: "n", author: "x", content: "y", created_at: "2026-11-21T10:20:30Z" }] });
    const entries = entriesOf(thread).filter((e) => e.kind !== "day");
    assert.deepEqual(entries.map((e) => [e.key, e.first, e.last]), [["a", true, false], ["b", false, true], ["c", true, true], ["note n", true, true], ["d", true, true]]);
  },
  async "a template's slots are filled in their order"() {
    globalThis.document ??= {};
    const { filled, slotsOf, templateBody } = await load("templates.js");
    const template = { name: "t", language: "en", body: "{{2}} and {{1}} and {{2}}", parameters: 2 };
    assert.deepEqual(slotsOf(template), ["1", "2"]);
    assert.equal(filled(template, { 1: "a", 2: "$&" }), "$& and a and $&");
    assert.deepEqual(templateBody(template, { 1: "a", 2: "b" }).components, [{ type: "body", parameters: [{ type: "text", text: "a" }, { type: "text", text: "b" }] }]);
    assert.equal(templateBody({ name: "t", language: "en", body: "x", parameters: 0 }, {}).components, undefined);
  },
};
