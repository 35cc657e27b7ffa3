import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { startGraph } from "../graph.mjs";
import { startFiles } from "../lib/files.mjs";
import { signed } from "../lib/meta.mjs";
import { startMessenger } from "../messenger.mjs";
import { answersEach, bearer, calling, startSink, up } from "./support.mjs";

const graphCode = ({ status, said: { error } }) => [status, error?.code, error?.error_subcode].filter((part) => part !== undefined);

test("meta_signs_its_escapes", () => {
  const { body, headers } = signed({ t: "äöå" }, "app_secret");
  assert.equal(body, '{"t":"\\u00e4\\u00f6\\u00e5"}');
  assert.equal(headers["x-hub-signature-256"], "sha256=babc2e7d2e280433f172439f1039aa1304bb810c040520c21dfd5ed1a9729b09");
  assert.equal(signed({ u: "https://x" }, "s").body, '{"u":"https:\\/\\/x"}');
});

test("the_published_vector_of_meta_holds", () => {
  assert.equal(createHmac("sha256", "secret").update("test").digest("hex"), "0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914");
  assert.equal(
    signed({ object: "whatsapp_business_account", entry: [] }, "app_secret").headers["x-hub-signature-256"],
    "sha256=c236c758c9b2bd40b388a550eeca09eaca72384dd0aa5e7c31d19cddac5bba46",
  );
});

test("whatsapp_refuses_what_meta_refuses", async () => {
  const graph = await up(startGraph());
  const send = (fields, token = graph.token) =>
    calling(`${graph.base}/v26.0/${graph.phoneNumberId}/messages`, { headers: bearer(token), json: { messaging_product: "whatsapp", to: "353871234567", ...fields } });
  const template = (components, name = "order_ready") => ({ type: "template", template: { name, language: { code: "en" }, components } });
  const two = [{ type: "text", text: "a" }, { type: "text", text: "b" }];
  const small = (type, bytes) => graph.addMedia(Buffer.alloc(bytes), type);
  await answersEach(send, graphCode, [
    ["a text", [200], { type: "text", text: { body: "Hi", preview_url: true } }],
    ["a dead token", [401, 190], { type: "text", text: { body: "Hi" } }, "wrong"],
    ["an unknown key", [400, 100], { type: "text", text: { body: "Hi" }, colour: "red" }],
    ["an unknown key inside", [400, 100], { type: "text", text: { body: "Hi", bold: true } }],
    ["a long text", [400, 100], { type: "text", text: { body: "x".repeat(4097) } }],
    ["a preview that is a word", [400, 100], { type: "text", text: { body: "Hi", preview_url: "true" } }],
    ["a plain link", [400, 100], { type: "image", image: { link: "http://acme.example/a.png" } }],
    ["a link", [200], { type: "image", image: { link: "https://acme.example/a.png" } }],
    ["a photo as a document", [400, 131053], { type: "document", document: { id: small("image/png", 1) } }],
    ["a still sticker", [200], { type: "sticker", sticker: { id: small("image/webp", 100 << 10) } }],
    ["a large still sticker", [400, 131053], { type: "sticker", sticker: { id: small("image/webp", (100 << 10) + 1) } }],
    ["a template", [200], template([{ type: "body", parameters: two }])],
    ["a parameter too few", [400, 132000], template([{ type: "body", parameters: two.slice(1) }])],
    ["an unknown template", [404, 132001], template([], "other")],
    ["one not yet approved", [404, 132001], template([], "spring_sale")],
    ["a footer", [400, 100], template([{ type: "footer", parameters: two }])],
    ["a parameter with more", [400, 100], template([{ type: "body", parameters: [{ ...two[0], bold: 1 }, two[1]] }])],
    ["a parameter without type", [400, 100], template([{ type: "body", parameters: [{ text: "a" }, two[1]] }])],
  ]);
  const upload = async (type) => {
    const body = new FormData();
    for (const [name, value] of Object.entries({ messaging_product: "whatsapp", type, file: new File(["x"], "x") })) body.set(name, value);
    return (await fetch(`${graph.base}/v26.0/${graph.phoneNumberId}/media`, { method: "POST", headers: bearer(graph.token), body })).status;
  };
  assert.deepEqual([await upload("application/pdf"), await upload("application/zip"), await upload("text/html")], [200, 400, 400]);
});

test("whatsapp_lists_templates_page_by_page", async () => {
  const graph = await up(startGraph());
  const names = [];
  let url = `${graph.base}/v26.0/${graph.wabaId}/message_templates?status=APPROVED&fields=name,status&limit=3`;
  while (url) {
    const { said } = await calling(url, { method: "GET", headers: bearer(graph.token) });
    names.push(...said.data.map(({ name }) => name));
    url = said.paging.next;
  }
  assert.deepEqual(names, ["order_ready", "order_ready", "hello_world", "invoice"]);
});

test("links_to_media_need_the_token_and_expire", async () => {
  const graph = await up(startGraph());
  const id = graph.addMedia(Buffer.from("photo"), "image/png");
  const get = (url, headers = bearer(graph.token)) => calling(url, { method: "GET", headers });
  const { url } = (await get(`${graph.base}/v26.0/${id}`)).said;
  assert.equal((await get(url)).said, "photo");
  assert.equal((await get(url, {})).status, 401);
  graph.expireLinks();
  assert.equal((await get(url)).status, 404);
});

test("messenger_and_instagram_refuse_what_meta_refuses", async () => {
  const graph = await up(startGraph());
  const page = await up(startMessenger({ on: graph }));
  const shop = await up(startMessenger({ kind: "instagram", on: graph }));
  const files = await up(startFiles());
  const reply = { messaging_type: "RESPONSE" };
  const tagged = (tag) => ({ messaging_type: "MESSAGE_TAG", tag });
  const send = (account, fields, to = "7001") =>
    calling(`${graph.base}/v26.0/${account.id}/messages`, { headers: bearer(account.token), json: { recipient: { id: to }, ...fields } });
  const said = (text) => ({ message: { text } });
  const file = (type, bytes, contentType) => ({ message: { attachment: { type, payload: { url: files.add(bytes, contentType) } } } });
  await answersEach(send, graphCode, [["a stranger", [400, 100, 2018001], page, { ...reply, ...said("Hi") }]]);
  for (const account of [page, shop]) await account.receive("7001", "Hello");
  await answersEach(send, graphCode, [
    ["a reply", [200], page, { ...reply, ...said("Hi"), reply_to: { mid: "m_1" } }],
    ["no type", [400, 100], page, said("Hi")],
    ["no type on Instagram", [200], shop, said("Hi")],
    ["an unknown key", [400, 100], page, { ...reply, ...said("Hi"), persona: 1 }],
    ["an unknown key inside", [400, 100], page, { ...reply, message: { text: "Hi", bold: true } }],
    ["a number as id", [400, 100], page, { ...reply, ...said("Hi") }, 7001],
    ["a tag that ended", [400, 100], page, { ...tagged("ACCOUNT_UPDATE"), ...said("Hi") }],
    ["a feature not approved", [400, 100, 2018276], page, { ...tagged("HUMAN_AGENT"), ...said("Hi") }],
    ["2000 characters", [200], page, { ...reply, ...said("é".repeat(2000)) }],
    ["2001 characters", [400, 100], page, { ...reply, ...said("x".repeat(2001)) }],
    ["1000 bytes", [200], shop, said("é".repeat(500))],
    ["1001 bytes", [400, 100, 2534038], shop, said(`${"é".repeat(500)}x`)],
    ["text beside a file", [400, 100], page, { ...reply, message: { text: "a", ...file("image", "x", "image/png").message } }],
    ["a photo", [200], page, { ...reply, ...file("image", "x", "image/png") }],
    ["a page of HTML", [400, 100, 2018047], page, { ...reply, ...file("file", "x", "text/html") }],
    ["a large photo", [400, 100, 2018047], page, { ...reply, ...file("image", Buffer.alloc((8 << 20) + 1), "image/png") }],
    ["an archive on Instagram", [400, 100, 2018047], shop, file("file", "x", "application/zip")],
    ["metadata on Instagram", [400, 100], shop, { message: { text: "a", metadata: "b" } }],
    ["typing", [200], page, { sender_action: "typing_on" }],
  ]);
  for (const account of [page, shop]) account.lastInbound.set("7001", Date.now() - 25 * 3600_000);
  await answersEach(send, graphCode, [
    ["a closed window", [403, 10, 2018278], page, { ...reply, ...said("Hi") }],
    ["a closed window on Instagram", [403, 10, 2534022], shop, said("Hi")],
  ]);
  shop.humanAgent = true;
  await answersEach(send, graphCode, [["a person's answer", [200], shop, { ...tagged("HUMAN_AGENT"), ...said("Hi") }]]);
});

test("an_echo_comes_before_or_after_the_answer", async () => {
  const sink = await startSink();
  const page = await up(startMessenger({ callback: sink.base }));
  await page.receive("7001", "Hello");
  const send = () => calling(`${page.base}/v26.0/me/messages`, {
    headers: bearer(page.token), json: { recipient: { id: "7001" }, messaging_type: "RESPONSE", message: { text: "Hi", metadata: "ours" } },
  });
  page.echo = "before";
  const first = await send();
  const { message } = JSON.parse(sink.got.at(-1).raw).entry[0].messaging[0];
  assert.deepEqual([message.mid, message.is_echo, message.metadata, sink.got.length], [first.said.message_id, true, "ours", 2]);
  page.echo = "after";
  await send();
  await page.settled();
  assert.equal(sink.got.length, 3);
});

test("what_fails_after_it_was_done_was_done", async () => {
  const graph = await up(startGraph());
  graph.fail("reset-after", "reset", { status: 400, code: 131000 });
  const send = () => calling(`${graph.base}/v26.0/${graph.phoneNumberId}/messages`, {
    headers: bearer(graph.token), json: { messaging_product: "whatsapp", to: "353871234567", type: "text", text: { body: "x" } },
  });
  await assert.rejects(send());
  await assert.rejects(send());
  assert.deepEqual(graphCode(await send()), [400, 131000]);
  assert.equal(graph.sent.length, 1);
});
