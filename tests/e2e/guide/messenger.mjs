// Messenger and Instagram against scripts/dev, with strict fakes of both and of the CRM on loopback.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startCrm } from "../../fakes/crm.mjs";
import { startMessenger } from "../../fakes/messenger.mjs";
import { call, startTieline } from "../../fakes/tieline.mjs";

const JOE = "7001234567890123";
const ANN = "7009876543210987";
const DAY_MILLIS = 24 * 3600 * 1000;
const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
const page = await startMessenger({ echo: "off" });
// An account that logs in at Instagram: another host, and another secret that signs.
const instagram = await startMessenger({ kind: "instagram", echo: "off" });
const crm = await startCrm();
const tieline = await startTieline(state, { GRAPH_API_BASE: page.base, INSTAGRAM_API_BASE: instagram.base });
const base = tieline.base_url;
const crmHeaders = { "x-api-key": tieline.api_key };

const opened = await call(`${base}/api/dashboard/sessions`, { method: "POST", headers: { "x-api-key": tieline.admin_key } });
const headers = { authorization: `Bearer ${opened.token}` };
const dashboard = (place, method, body) => call(`${base}/api/dashboard/${place}`, { method, headers, body });

async function connect(account, fields) {
  const { channel } = await dashboard("channels", "POST", {
    kind: account.kind, name: account.name, ...fields,
    credentials: { access_token: account.token, app_secret: account.appSecret, verify_token: "verify-me", ...fields.credentials },
  });
  assert.equal(channel.verification, "verified");
  account.callback = channel.webhook_url;
  return channel;
}

async function threads(customer_id) {
  const { conversations } = await call(`${base}/api-conversations-by-customer?customer_id=${customer_id}&include_messages=true&include_attachments=true`, { headers: crmHeaders });
  return conversations.flatMap(({ messages }) => messages);
}
const send = (body) => call(`${base}/api-send-message`, { method: "POST", headers: crmHeaders, body });
const all = async () => {
  const { messages } = await call(`${base}/api-messages-since?since=2020-01-01T00:00:00Z&include_attachments=true&limit=1000`, { headers: crmHeaders });
  return messages;
};
const statusOf = async ({ id }) => (await all()).find((message) => message.id === id).status;
/** What a message is to readers, without links that are signed anew. */
const shown = (messages) => messages.map(({ id, status, content, detail, provider_id, attachments }) => ({ id, status, content, detail, provider_id, files: attachments?.length }));
const received = (what, fits) => crm.until(what, (events) => events.find(({ event, data }) => event === "message.received" && fits(data)));

try {
  const facebook = await connect(page, { page_id: page.id });
  await connect(instagram, { instagram_account_id: instagram.id, login: "instagram", credentials: { app_secret: "another", instagram_app_secret: instagram.secondSecret } });
  instagram.appSecret = instagram.secondSecret;
  const { secret, webhook } = await dashboard("webhooks", "POST", {
    name: "CRM", url: crm.url,
    events: ["message.received", "message.sent", "message.status_changed", "message.updated", "customer.updated"],
  });
  process.env.WEBHOOK_SECRET = secret;
  const shake = await fetch(`${page.callback}?hub.mode=subscribe&hub.challenge=1158&hub.verify_token=verify-me`);
  assert.equal(await shake.text(), "1158");
  for (const channel of (await dashboard("channels", "GET")).channels) {
    assert.equal((await dashboard(`channels/${channel.id}/test`, "POST")).ok, true);
  }

  // In: text, then a file behind a link that refuses whoever shows a token.
  const began = Date.now();
  assert.equal((await page.receive(JOE, "Hello, is it open? 😀/é")).status, 200);
  const first = await received("Joe's message", ({ message }) => message.content.startsWith("Hello"));
  assert.ok(first.at - began < 2000, `the webhook came after ${first.at - began} ms`);
  assert.equal(first.data.message.content, "Hello, is it open? 😀/é");
  assert.equal(first.data.channel, "facebook");
  const joe = first.data.customer_id;
  const photo = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
  await page.receive(JOE, { attachments: [page.attachment("image", photo, "image/png")] });
  const withFile = await received("a message with its file", ({ attachments }) => attachments[0]?.state === "ready");
  const bytes = await (await fetch(withFile.data.attachments[0].download_url)).arrayBuffer();
  assert.deepEqual(Buffer.from(bytes), photo);
  assert.deepEqual(page.files.leaked, []);
  assert.equal((await page.receive(JOE, "forged", { secret: "wrong" })).status, 401);

  // Out: an answer, its echo, delivered and read.
  const { message: answer } = await send({ customer_id: joe, channel: "facebook", content: "We are! 😀", reply_to: first.data.message_id });
  assert.equal(answer.status, "sent");
  const sent = page.sent.at(-1);
  const mid = page.deliveries[0].delivery.entry[0].messaging[0].message.mid;
  assert.deepEqual(sent.body, {
    recipient: { id: JOE }, messaging_type: "RESPONSE",
    message: { text: "We are! 😀", metadata: answer.id }, reply_to: { mid },
  });
  await page.delivered(JOE, { watermark: sent.at + 5 });
  assert.equal(await statusOf(answer), "delivered");
  await page.echoOf(sent);
  await page.read(JOE, { watermark: sent.at + 10 });
  await page.delivered(JOE, { watermark: sent.at + 5, mids: [sent.id] });
  assert.equal(await statusOf(answer), "read");
  await crm.until("its statuses", (events) => {
    const told = events.filter(({ event, data }) => event === "message.status_changed" && data.message_id === answer.id);
    return told.map(({ data }) => data.status).join() === "delivered,read";
  });

  // The echo may come before the answer to the request.
  page.echo = "before";
  const { message: early } = await send({ customer_id: joe, channel: "facebook", content: "One more thing" });
  assert.equal(early.status, "sent");
  page.echo = "off";
  assert.equal((await threads(joe)).filter(({ content }) => content === "One more thing").length, 1);

  // A connection that breaks off once Meta has the message: unsure, until the echo tells.
  page.fail("reset-after");
  const { message: unsure } = await send({ customer_id: joe, channel: "facebook", content: "Are you there?" });
  assert.equal(unsure.status, "uncertain");
  await page.echoOf(page.sent.at(-1));
  assert.equal(await statusOf(unsure), "sent");

  // What others of the business wrote.
  await page.sentElsewhere(JOE, "From the page's own inbox");
  const elsewhere = (await all()).at(-1);
  assert.deepEqual([elsewhere.direction, elsewhere.status, elsewhere.detail.sent_elsewhere], ["outbound", "sent", true]);

  // A long text in parts, a file beside.
  const upload = new FormData();
  upload.append("file", new File([photo], "shelf.png"));
  const uploaded = await fetch(`${base}/api-upload-attachment`, { method: "POST", headers: crmHeaders, body: upload });
  const { attachment } = await uploaded.json();
  const before = page.sent.length;
  await send({ customer_id: joe, channel: "facebook", content: "a".repeat(2500), attachments: [attachment.file_url] });
  const parts = page.sent.slice(before);
  assert.deepEqual(parts.map(({ body }) => body.message.text?.length ?? body.message.attachment.type), [2000, 500, "image"]);
  assert.deepEqual(parts[2].files, [{ type: "image/png", size: photo.length }]);

  // The window, and what a person may do after it.
  await page.receive(ANN, "Three days ago", { at: Date.now() - 3 * DAY_MILLIS });
  const ann = (await received("Ann's message", ({ message }) => message.content.startsWith("Three"))).data.customer_id;
  const late = { customer_id: ann, channel: "facebook", content: "Sorry to keep you waiting" };
  await assert.rejects(send(late), /422.*outside_window/);
  await dashboard(`channels/${facebook.id}`, "PATCH", { human_agent: true });
  const refused = await send(late).catch(String);
  assert.match(refused, /not approved/);
  page.humanAgent = true;
  assert.equal((await send({ ...late, content: "Sorry" })).message.status, "sent");
  assert.deepEqual([page.sent.at(-1).body.messaging_type, page.sent.at(-1).body.tag], ["MESSAGE_TAG", "HUMAN_AGENT"]);

  // Instagram.
  await instagram.receive(JOE, "Hi from Instagram");
  const other = (await received("Joe on Instagram", ({ channel }) => channel === "instagram")).data.customer_id;
  assert.notEqual(other, joe);
  await send({ customer_id: other, channel: "instagram", content: "é".repeat(700) });
  assert.deepEqual(instagram.sent.map(({ body }) => body), [500, 200].map((length) => ({ recipient: { id: JOE }, message: { text: "é".repeat(length) } })));
  for (const part of instagram.sent) await instagram.echoOf(part);
  await instagram.read(JOE, { mid: instagram.sent[1].id });
  assert.deepEqual((await threads(other)).map(({ status }) => status), ["received", "read", "read"]);
  await instagram.storyMention(JOE);
  const mention = (await all()).at(-1);
  assert.equal(mention.detail.story.kind, "mention");
  assert.deepEqual([mention.attachments, instagram.files.served], [[], []]);
  await instagram.unsend(JOE, "m_early");
  await instagram.receive(JOE, "Taken back before it came", { mid: "m_early" });
  await instagram.receive(JOE, "Helo", { mid: "m_edited" });
  await instagram.edit(JOE, "m_edited", "Hello", { edits: 1 });
  await instagram.react(JOE, instagram.sent[0].id);
  await instagram.unsupported(JOE);
  const [gone, edited, reaction, unknown] = (await all()).slice(-4);
  assert.deepEqual([gone.content, gone.detail], ["", { deleted: true }]);
  assert.deepEqual([edited.content, edited.detail], ["Hello", { edited: 1 }]);
  assert.deepEqual([reaction.type, reaction.content], ["reaction", "❤"]);
  assert.equal(unknown.type, "unsupported");
  await crm.until("the edit", (events) => events.some(({ event, data }) => event === "message.updated" && data.message_id === edited.id));

  // The three have got their names behind their messages' backs.
  await crm.until("their names", (events) => events.filter(({ event, data }) => event === "customer.updated" && data.customer.name === "Joe Bloggs").length === 3);

  // All of it again, backwards: nothing changes, and nobody is told anything.
  await page.settled();
  await page.receive(JOE, "The last but one");
  await received("the last but one", ({ message }) => message.content === "The last but one");
  // What came before it is fanned out by now, and delivered soon.
  const pending = async () => (await dashboard(`webhooks/${webhook.id}/deliveries?status=pending`)).deliveries;
  while ((await pending()).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  const standing = shown(await all());
  const told = crm.events.length;
  for (const account of [page, instagram]) {
    const deliveries = account.deliveries.filter(({ status }) => status === 200).reverse();
    for (const { delivery } of deliveries) assert.equal((await account.deliver(delivery.entry)).status, 200);
  }
  assert.deepEqual(shown(await all()), standing);
  await page.receive(JOE, "The last word");
  await received("the last word", ({ message }) => message.content === "The last word");
  assert.equal(crm.events.length, told + 1);
  assert.equal(crm.unverified, 0);
  console.log(`from receipt to the first attempt: ${first.at - began} ms`);
} catch (error) {
  console.error(tieline.log());
  throw error;
} finally {
  await tieline.stop();
  for (const fake of [page, instagram, crm]) await fake.stop();
  rmSync(state, { recursive: true, force: true });
}
