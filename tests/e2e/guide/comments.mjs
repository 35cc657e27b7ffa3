// Comments on a page's posts against scripts/dev, with strict fakes of Meta and of the CRM on loopback.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startComments } from "../../fakes/comments.mjs";
import { startCrm } from "../../fakes/crm.mjs";
import { startGraph } from "../../fakes/graph.mjs";
import { startMessenger } from "../../fakes/messenger.mjs";
import { call, listen, signIn, startTieline } from "../../fakes/tieline.mjs";

const JOE = "6780462125377510";
const ANN = "7001234567890123";
const DAY_MILLIS = 24 * 3600 * 1000;
const EVENTS = ["message.received", "message.sent", "message.status_changed", "message.updated", "conversation.created"];

const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
const graph = await startGraph();
const page = await startComments({ on: graph, echo: "off" });
// The same page's messages, by another token of it.
const chats = await startMessenger({ on: graph, id: page.id, echo: "off" });
const crm = await startCrm();
const tieline = await startTieline(state, { GRAPH_API_BASE: graph.base });
const base = tieline.base_url;
const crmHeaders = { "x-api-key": tieline.api_key };
const headers = await signIn(tieline);
page.people.set(ANN, "Ann Other");

const dashboard = (place, method, body) => call(`${base}/api/dashboard/${place}`, { method, headers, body });

async function connect(account, fields) {
  const { channel } = await dashboard("channels", "POST", {
    kind: account.kind, name: account.name, page_id: account.id, ...fields,
    credentials: { access_token: account.token, app_secret: account.appSecret, verify_token: "verify-me" },
  });
  assert.equal(channel.verification, "verified", JSON.stringify(channel));
  account.callback = channel.webhook_url;
  return channel;
}

const send = (body) => call(`${base}/api-send-message`, { method: "POST", headers: crmHeaders, body: { channel: page.kind, ...body } });
const all = async () => {
  const query = "since=2020-01-01T00:00:00Z&include_attachments=true&limit=1000";
  const { messages } = await call(`${base}/api-messages-since?${query}`, { headers: crmHeaders });
  return messages;
};
const one = async (id) => (await all()).find((message) => message.id === id);
const received = (what, fits) => crm.until(what, (events) => events.find(({ event, data }) => event === "message.received" && fits(data)));
const updated = (what, id, fits) => crm.until(what, (events) => events.find(({ event, data }) => event === "message.updated" && data.message_id === id && fits(data.message)));
/** What a message is to readers, without links that are signed anew. */
const shown = (messages) => messages.map(({ id, status, content, detail, reply_to, attachments }) => ({ id, status, content, detail, reply_to, files: attachments?.length }));

try {
  const channel = await connect(page);
  assert.equal((await dashboard(`channels/${channel.id}/test`, "POST")).ok, true);
  const webhook = await listen(tieline, headers, crm, EVENTS);

  // In: a comment, and the post that it is on.
  const hiring = page.publish("We are hiring!");
  const asked = await page.comment(JOE, hiring, "Is it open? 😀/é");
  assert.equal(asked.status, 200);
  const first = await received("Joe's comment", ({ message }) => message.content === "Is it open? 😀/é");
  assert.equal(first.data.channel, "facebook_comments");
  assert.equal(first.data.message.detail.subject, "We are hiring!");
  const [joe, thread] = [first.data.customer_id, first.data.conversation_id];
  const commentId = first.data.message_id;

  // Another person's answer to it is theirs, and the same person's below another post another conversation.
  await page.comment(ANN, asked.id, "I wonder, too");
  const ann = (await received("Ann's comment", ({ message }) => message.content === "I wonder, too")).data;
  assert.notEqual(ann.customer_id, joe);
  assert.equal(ann.message.reply_to ?? null, null);
  const photo = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
  await page.comment(JOE, page.publish("Old news", { tells: false }), undefined, { photo: page.files.add(photo, "image/png") });
  const elsewhere = await received("a photo below another post", ({ attachments }) => attachments[0]?.state === "ready");
  assert.deepEqual([elsewhere.data.customer_id, elsewhere.data.conversation_id === thread], [joe, false]);
  assert.ok(elsewhere.data.message.detail.subject.startsWith("https://www.facebook.com/"));
  const bytes = await (await fetch(elsewhere.data.attachments[0].download_url)).arrayBuffer();
  assert.deepEqual(Buffer.from(bytes), photo);
  assert.deepEqual(page.files.leaked, []);
  assert.equal((await page.told("add", page.comments.get(asked.id), { secret: "wrong" })).status, 401);

  // Out: an answer for all to see, and its own webhook, which is no news.
  const answers = { customer_id: joe, conversation_id: thread };
  const { message: answer } = await send({ ...answers, content: "We are! 😀" });
  assert.equal(answer.status, "sent");
  assert.deepEqual([page.sent.at(-1).to, page.sent.at(-1).body], [asked.id, { message: "We are! 😀" }]);
  const count = (await all()).length;
  assert.equal((await page.told("add", page.comments.get(page.sent.at(-1).id))).status, 200);
  assert.equal((await all()).length, count);

  // It may come before the answer to the request, and be all that tells of it.
  page.echo = "before";
  await send({ ...answers, content: "One more thing" });
  page.echo = "off";
  assert.equal((await all()).filter(({ content }) => content === "One more thing").length, 1);
  page.fail("reset-after");
  const { message: unsure } = await send({ ...answers, content: "Are you there?" });
  assert.equal(unsure.status, "uncertain");
  await page.told("add", page.comments.get(page.sent.at(-1).id));
  assert.equal((await one(unsure.id)).status, "sent");

  // An image and its words are one comment.
  const upload = new FormData();
  upload.append("file", new File([photo], "shelf.png"));
  const { attachment } = await (await fetch(`${base}/api-upload-attachment`, { method: "POST", headers: crmHeaders, body: upload })).json();
  const before = page.sent.length;
  await send({ ...answers, content: "Look", attachments: [attachment.file_url] });
  assert.equal(page.sent.length, before + 1);
  assert.deepEqual([page.sent.at(-1).body.message, page.sent.at(-1).image], ["Look", { type: "image/png", size: photo.length }]);
  await assert.rejects(send({ ...answers, content: "x".repeat(8001) }), /422.*at_most_8000/);

  // What others of the business wrote, and what happened to the comment at Facebook.
  await page.commentElsewhere(asked.id, "From the page's own app");
  const own = (await all()).at(-1);
  assert.deepEqual([own.direction, own.conversation_id, own.detail.sent_elsewhere], ["outbound", thread, true]);
  await page.edit(asked.id, "Is it open on Sunday?");
  await updated("the edit", commentId, ({ content }) => content === "Is it open on Sunday?");
  await page.hide(asked.id);
  await updated("that it is hidden", commentId, ({ detail }) => detail.hidden === true);

  // A private reply, of which there is one; what the person answers comes by Messenger.
  const reply = (id, text) => dashboard(`messages/${id}/private-reply`, "POST", { text });
  const { message: replied } = await reply(commentId, "We have sent you the details.");
  assert.deepEqual([replied.status, replied.conversation_id, replied.detail], ["sent", thread, { private_reply: true }]);
  assert.deepEqual(page.privately.map(({ body }) => body), [{
    recipient: { comment_id: asked.id }, messaging_type: "RESPONSE", message: { text: "We have sent you the details." },
  }]);
  assert.equal((await one(commentId)).detail.private_reply_id, replied.id);
  await assert.rejects(reply(commentId, "Again"), /409.*one_private_reply/);
  await page.comment(ANN, hiring, "Long ago", { at: Date.now() - 8 * DAY_MILLIS });
  const late = await received("an old comment", ({ message }) => message.content === "Long ago");
  await assert.rejects(reply(late.data.message_id, "Sorry"), /422.*outside_window/);
  assert.equal(page.privately.length, 1);
  await connect(chats);
  await chats.receive(JOE, "Thanks!");
  const chat = await received("what Joe answered", ({ channel: kind }) => kind === "facebook");
  assert.deepEqual([chat.data.customer_id, chat.data.conversation_id === thread], [joe, false]);

  // Hidden, shown again and deleted from here, which Meta's own webhooks then say, too.
  const act = async (what, method = "POST") => {
    const { message } = await dashboard(`messages/${commentId}${what}`, method);
    await page.settled();
    return message;
  };
  assert.equal((await act("/unhide")).detail.hidden, false);
  assert.equal(page.comments.get(asked.id).hidden, false);
  assert.equal((await act("/hide")).detail.hidden, true);
  assert.equal((await one(commentId)).detail.hidden, true);
  assert.equal((await act("", "DELETE")).content, "");
  assert.equal(page.comments.has(asked.id), false);
  const gone = await one(commentId);
  assert.deepEqual([gone.detail.deleted, gone.detail.subject], [true, "We are hiring!"]);
  await assert.rejects(act("/hide"), /409.*not_deleted/);
  await page.remove(page.deliveries.find(({ delivery }) => delivery?.entry[0].changes[0].value.message === "I wonder, too").delivery.entry[0].changes[0].value.comment_id);
  await updated("what Ann took back", ann.message_id, ({ detail }) => detail.deleted === true);

  // Whom Meta does not name has a conversation all the same, and may be answered.
  page.names = false;
  const unnamed = await page.comment(ANN, hiring, "Who am I?");
  const nobody = (await received("an unnamed comment", ({ message }) => message.content === "Who am I?")).data;
  assert.notEqual(nobody.customer_id, ann.customer_id);
  await send({ customer_id: nobody.customer_id, content: "Hello" });
  assert.equal(page.sent.at(-1).to, unnamed.id);
  page.names = true;
  await page.react(JOE, hiring);

  // All of it again, backwards, but for what was hidden when: nothing changes, and nobody is told anything.
  await page.settled();
  const pending = async () => (await dashboard(`webhooks/${webhook.id}/deliveries?status=pending`, "GET")).deliveries;
  while ((await pending()).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  const standing = shown(await all());
  const told = crm.events.length;
  const verbOf = ({ delivery }) => delivery.entry[0].changes[0].value.verb;
  const taken = page.deliveries.filter((one) => one.status === 200 && !["hide", "unhide"].includes(verbOf(one)));
  for (const { delivery } of taken.reverse()) assert.equal((await page.deliver(delivery.entry)).status, 200);
  assert.deepEqual(shown(await all()), standing);
  await page.comment(JOE, hiring, "The last word");
  await received("the last word", ({ message }) => message.content === "The last word");
  assert.equal(crm.events.length, told + 1);
  assert.equal(crm.unverified, 0);
} catch (error) {
  console.error(tieline.log());
  throw error;
} finally {
  await tieline.stop();
  for (const fake of [page, chats, graph, crm]) await fake.stop();
  rmSync(state, { recursive: true, force: true });
}
