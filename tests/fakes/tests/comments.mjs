import assert from "node:assert/strict";
import { test } from "node:test";
import { startComments } from "../comments.mjs";
import { startGraph } from "../graph.mjs";
import { startFiles } from "../lib/files.mjs";
import { answersEach, bearer, calling, startSink, up } from "./support.mjs";

const JOE = "6780462125377510";
const DAY_MILLIS = 24 * 3600_000;
const graphCode = ({ status, said: { error } }) => [status, error?.code, error?.error_subcode].filter((part) => part !== undefined);
const valueOf = ({ raw }) => JSON.parse(raw).entry[0].changes[0].value;

test("comments_refuse_what_meta_refuses", async () => {
  const graph = await up(startGraph());
  const page = await up(startComments({ on: graph, echo: "off" }));
  const files = await up(startFiles());
  const { id } = await page.comment(JOE, page.publish("We are hiring!"), "Is it open?");
  const own = await page.commentElsewhere(id, "It is.");
  const old = await page.comment(JOE, page.publish("Old news"), "Hello", { at: Date.now() - 8 * DAY_MILLIS });
  const ask = (node, json, { method = "POST", token = page.token } = {}) =>
    calling(`${graph.base}/v26.0/${node}`, { method, headers: bearer(token), json });
  const link = (bytes, type) => ({ attachment_url: files.add(bytes, type) });
  const privately = (comment, more) => ({ recipient: { comment_id: comment }, messaging_type: "RESPONSE", message: { text: "Hi" }, ...more });
  await answersEach(ask, graphCode, [
    ["an answer", [200], `${id}/comments`, { message: "We are." }],
    ["an image alone", [200], `${id}/comments`, link("x", "image/png")],
    ["an image with words", [200], `${id}/comments`, { message: "Look", ...link("x", "image/jpeg") }],
    ["nothing", [400, 100], `${id}/comments`, {}],
    ["an unknown key", [400, 100], `${id}/comments`, { message: "Hi", colour: "red" }],
    ["8000 characters", [200], `${id}/comments`, { message: "é".repeat(8000) }],
    ["8001 characters", [400, 100], `${id}/comments`, { message: "x".repeat(8001) }],
    ["a document", [400, 100], `${id}/comments`, link("x", "application/pdf")],
    ["a large image", [400, 100], `${id}/comments`, link(Buffer.alloc((4 << 20) + 1), "image/png")],
    ["a plain link", [400, 100], `${id}/comments`, { attachment_url: "http://acme.example/a.png" }],
    ["no such comment", [400, 100, 33], "1_2/comments", { message: "Hi" }],
    ["a dead token", [401, 190], `${id}/comments`, { message: "Hi" }, { token: "wrong" }],
    ["hide", [200], id, { is_hidden: true }],
    ["show", [200], id, { is_hidden: false }],
    ["hide by a word", [400, 100], id, { is_hidden: "yes" }],
    ["hide and more", [400, 100], id, { is_hidden: true, message: "x" }],
    ["hide the page's own", [403, 200], own.id, { is_hidden: true }],
    ["hide nothing", [400, 100, 33], "1_2", { is_hidden: true }],
    ["a private reply", [200], `${page.id}/messages`, privately(id)],
    ["another", [400, 10900], `${page.id}/messages`, privately(id)],
    ["one to the page", [400, 10903], `${page.id}/messages`, privately(own.id)],
    ["one that is late", [403, 10, 2018278], `${page.id}/messages`, privately(old.id)],
    ["one to nothing", [400, 100, 33], `${page.id}/messages`, privately("1_2")],
    ["one without type", [400, 100], `${page.id}/messages`, privately(id, { messaging_type: undefined })],
    ["one with more", [400, 100], `${page.id}/messages`, privately(id, { tag: "HUMAN_AGENT" })],
    ["one that is long", [400, 100], `${page.id}/messages`, privately(id, { message: { text: "x".repeat(2001) } })],
    ["delete", [200], id, undefined, { method: "DELETE" }],
    ["delete again", [400, 100, 33], id, undefined, { method: "DELETE" }],
    ["an answer to nothing", [400, 100, 33], `${id}/comments`, { message: "Hi" }],
  ]);
  assert.equal(page.privately.length, 1);
  const me = await calling(`${graph.base}/v26.0/me?fields=name`, { method: "GET", headers: bearer(page.token) });
  assert.deepEqual(me.said, { id: page.id, name: page.name });
});

test("all_that_happens_to_comments_is_told_and_the_pages_own_too", async () => {
  const sink = await startSink();
  const page = await up(startComments({ callback: sink.base, echo: "before" }));
  const post = page.publish("We are hiring!");
  const { id, status } = await page.comment(JOE, post, "Is it open?");
  assert.equal(status, 200);
  const [first] = sink.got.map(valueOf);
  assert.deepEqual(
    [first.item, first.verb, first.comment_id, first.parent_id, first.post_id, first.from.id, first.post.message],
    ["comment", "add", id, post, post, JOE, "We are hiring!"],
  );
  assert.ok(first.created_time < 10 ** 10, "seconds");
  const answer = await calling(`${page.base}/v26.0/${id}/comments`, { headers: bearer(page.token), json: { message: "We are." } });
  const own = valueOf(sink.got.at(-1));
  assert.deepEqual([own.comment_id, own.parent_id, own.from.id], [answer.said.id, id, page.id]);
  await page.edit(id, "Is it open now?");
  await page.hide(id);
  await page.hide(id, false);
  await page.react(JOE, id);
  await page.remove(id);
  assert.deepEqual(sink.got.slice(2).map((one) => valueOf(one).verb), ["edited", "hide", "unhide", "add", "remove"]);
  assert.equal(valueOf(sink.got.at(-1)).message, undefined);
  // What the API does is told behind its answer.
  const { id: other } = await page.comment(JOE, post, "Hello?", { photo: "https://scontent.example/1.jpg" });
  assert.equal(valueOf(sink.got.at(-1)).photo, "https://scontent.example/1.jpg");
  await calling(`${page.base}/v26.0/${other}`, { headers: bearer(page.token), json: { is_hidden: true } });
  await calling(`${page.base}/v26.0/${other}`, { method: "DELETE", headers: bearer(page.token) });
  await page.settled();
  assert.deepEqual(sink.got.slice(-2).map((one) => valueOf(one).verb).sort(), ["hide", "remove"]);
  assert.deepEqual(valueOf(sink.got.at(-1)).from.id, page.id);
});

test("a_page_tells_as_little_as_it_may", async () => {
  const sink = await startSink();
  const page = await up(startComments({ callback: sink.base, names: false }));
  await page.comment(JOE, page.publish("We are hiring!", { tells: false }), "Is it open?");
  const value = valueOf(sink.got[0]);
  assert.deepEqual([value.from, value.post.message], [undefined, undefined]);
  assert.ok(value.post.permalink_url.startsWith("https://www.facebook.com/"));
});

test("an_answer_that_fails_after_it_was_made_was_made", async () => {
  const page = await up(startComments({ echo: "off" }));
  const { id } = await page.comment(JOE, page.publish("We are hiring!"), "Is it open?");
  const answer = () => calling(`${page.base}/v26.0/${id}/comments`, { headers: bearer(page.token), json: { message: "We are." } });
  page.fail("reset-after", { status: 400, code: 368 });
  await assert.rejects(answer());
  assert.deepEqual(graphCode(await answer()), [400, 368]);
  assert.equal(page.sent.length, 1);
});
