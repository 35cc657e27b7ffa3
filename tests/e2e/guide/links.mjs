// CRM links against scripts/dev: three are added by the commands that their guide prints, what they have is searched,
// and who writes by Messenger is answered with their own order. Strict fakes of the sources, of Meta, of a CRM and of
// Krayin on loopback.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { startCrm } from "../../fakes/crm.mjs";
import { startLinks } from "../../fakes/links.mjs";
import { factsOf } from "../../fakes/links/data.mjs";
import { startMessenger } from "../../fakes/messenger.mjs";
import { startOauth } from "../../fakes/oauth.mjs";
import { startOpenAi } from "../../fakes/openai.mjs";
import { listen, signIn } from "../../fakes/tieline.mjs";
import { callsAt, guided, until } from "./lib/guide.mjs";
import { enableKrayin, startedKrayin } from "./lib/krayin.mjs";
import { ADDED, commandsOf, DOCUMENTS, PRINTED_KEYS, PRINTED_PAGE, printedBy, STATUS } from "./lib/links.mjs";

const { Webhook } = createRequire(import.meta.url)("standardwebhooks");
const JOE = "7001234567890123";
const EVE = "7001234567890999";
/** Records in each list: few enough that a page of documents has all. */
const COUNT = 12;
const NAMES = ["HubSpot Contacts", "Internal CRM", "Shopify Customers"];
/** Of addresses that Krayin demands and Messenger does not have. */
const INVENTED = "customers.example.com";

/** Forms in which a number has its country. */
const WHOLE = ["e164", "spaced", "zeros"];
/** What counts against the limit of a key or a session is not asked all the time. */
const soon = (what, condition) => until(what, condition, 40_000, 250);

const source = await startLinks({ count: COUNT, keys: PRINTED_KEYS });
const [page, crm, krayin] = [await startMessenger({ id: PRINTED_PAGE, echo: "off" }), await startCrm(), await startedKrayin()];
const oauth = await startOauth({ records: [{ id: "visit-9", title: "A visit to the lighthouse", note: "Boats leave at ten." }] });
const openai = await startOpenAi();

await guided({ fakes: [source, page, crm, krayin, oauth, openai], vars: { GRAPH_API_BASE: page.base, CRM_RECONCILE_SECONDS: "2" } }, async (tieline, state) => {
  const headers = await signIn(tieline);
  const printed = printedBy(tieline, headers.authorization.replace("Bearer ", ""), source);
  const api = callsAt(tieline.base_url, { "x-api-key": tieline.api_key });
  const dashboard = callsAt(`${tieline.base_url}/api/dashboard/`, headers);
  const links = commandsOf(tieline);
  const linkOf = async (id) => (await dashboard(`crm-links/${id}`)).crm_link;
  const search = async (query, more) => (await dashboard("rag/search", "POST", { query, k: 5, ...more })).results;
  const documents = async (query = "") => (await dashboard(`rag/documents/details?page_id=${PRINTED_PAGE}&source=crm&limit=200${query}`)).documents;
  /** Waits for a fetch that ends after `before`, and gives what came of it. */
  const fetched = (id, before) => soon("the fetch", async () => {
    const { last_fetch: last } = await linkOf(id);
    return last && last.at !== before?.at && last;
  });

  // A page, and what bots may know on it: added as printed.
  const { channel } = await dashboard("channels", "POST", {
    kind: "facebook", name: page.name, page_id: page.id,
    credentials: { access_token: page.token, app_secret: page.appSecret, verify_token: "verify-me" },
  });
  page.callback = channel.webhook_url;
  await listen(tieline, headers, crm, ["message.received"]);
  const added = [];
  for (const command of ADDED) {
    const said = await printed(command);
    assert.equal(said.message, "CRM link added successfully", JSON.stringify(said));
    assert.equal(said.crm_link.api_key ?? "***", "***");
    added.push(said.crm_link);
  }
  for (const { id } of added) {
    const last = await fetched(id);
    assert.deepEqual([last.status, last.records], ["ok", COUNT], JSON.stringify(last));
  }
  const listed = await printed(STATUS);
  assert.deepEqual([listed.total, listed.active_count, listed.crm_links.map(({ name }) => name).sort()], [3, 3, NAMES]);
  const shown = JSON.stringify(listed);
  for (const secret of [PRINTED_KEYS.shopify, PRINTED_KEYS.hubspot, PRINTED_KEYS.plain.key]) assert.ok(!shown.includes(secret), "no secret is shown");

  // What they have: listed, and found by name, address and meaning.
  const { source: of, total } = await printed(DOCUMENTS);
  assert.equal(of, "crm");
  assert.ok(total >= 3 * COUNT, `${total} documents`);
  assert.deepEqual([...new Set((await documents()).map(({ link_name: name }) => name))].sort(), NAMES);
  for (const [name, list] of [["HubSpot Contacts", "hubspot_contacts"], ["Internal CRM", "customers"]]) {
    const { email, id } = factsOf(source.list(list)[0]);
    const [hit] = await search(email);
    assert.deepEqual([hit?.link_name, hit?.record_key], [name, id], email);
  }
  const { note: said, id: whose } = factsOf(source.list("customers")[1]);
  assert.ok((await search(said)).some(({ record_key: key }) => key === whose), said);

  // Orders, which are somebody's.
  const place = `${source.base}/admin/api/2024-01/orders.json`;
  const { crm_link: orders } = await dashboard("crm-links", "POST", {
    page_id: PRINTED_PAGE, channels: ["messenger"], name: "Shopify Orders", url: place, type: "api", is_active: true,
    headers: { "X-Shopify-Access-Token": PRINTED_KEYS.shopify },
  });
  const first = await fetched(orders.id);
  assert.deepEqual([first.status, first.records], ["ok", COUNT], JSON.stringify(first));
  const [joes, anns] = source.list("shopify_orders").map(factsOf).filter(({ form }) => WHOLE.includes(form));

  // Joe writes by Messenger, which tells nothing but his name; people enter his address in Krayin.
  const integration = callsAt(`${tieline.base_url}/api/dashboard/integrations/krayin`, headers);
  await enableKrayin(integration, krayin, { invented_email: { enabled: true, domain: INVENTED } });
  assert.equal((await page.receive(JOE, "Where is my order?")).status, 200);
  const { data } = await crm.until("Joe's message", (events) => events.find(({ event }) => event === "message.received"));
  const context = (body) => api("/api-customer-context", "POST", { conversation_id: data.conversation_id, ...body });
  const nobody = await context();
  assert.deepEqual([nobody.records, nobody.passages, nobody.query], [[], [], "Where is my order?"]);
  const person = await soon("Joe in Krayin", () => krayin.persons.find(({ emails }) => JSON.stringify(emails).includes(`@${INVENTED}`)));
  const joe = () => api(`/api-customers?id=${data.customer_id}`);
  await soon("that he is known to be there", async () => (await joe()).crm_ids?.includes(`krayin:person:${person.id}`));
  await soon("his name", async () => (await joe()).name === "Joe Bloggs");
  await krayin.editPerson(person.id, { name: "Joe Bloggs", emails: [...person.emails, { value: joes.email, label: "work" }] });
  await soon("his address", async () => (await joe()).email === joes.email);

  // His context has his order and says where it is from; that of somebody else has theirs.
  const keysOf = ({ records, passages }) => [...new Set([...records, ...passages].map(({ link_name: link, record_key: key }) => `${link} ${key}`))];
  const his = await context({ query: "Where is my order?" });
  assert.deepEqual(keysOf(his), [`Shopify Orders ${joes.id}`]);
  for (const part of [joes.id, joes.note, "Shopify Orders"]) assert.ok(his.text.includes(part), `${part}: ${his.text}`);
  assert.deepEqual(his.history.map(({ content }) => content), ["Where is my order?"]);
  const synced = await api("/api-customers-sync", "POST", { customers: [{ external_id: "CRM-2", name: anns.name, email: anns.email }] });
  const ann = synced.results.details[0].customer_id;
  const hers = await api(`/api-customer-context?customer=${ann}&channel=messenger&query=${encodeURIComponent(`Where is order ${joes.id}?`)}`);
  assert.deepEqual(keysOf(hers), [`Shopify Orders ${anns.id}`]);
  const given = JSON.stringify({ ...hers, query: undefined });
  for (const part of [joes.id, joes.email, joes.note]) assert.ok(!given.includes(part), `${part}: ${given}`);
  assert.deepEqual((await search(joes.email, { customer: ann })).filter(({ record_key: key }) => key === joes.id), []);

  // One record changes there: it alone is embedded again.
  source.change("shopify_orders", [joes.id]);
  const { note } = source.list("shopify_orders").map(factsOf).find(({ id }) => id === joes.id);
  assert.notEqual(note, joes.note);
  assert.match(await links("refresh", orders.id, "--wait"), new RegExp(`^Shopify Orders is fetched: ${COUNT} records, 1 changed, 0 removed`));
  const { last_fetch: second } = await linkOf(orders.id);
  assert.notEqual(second.at, first.at);
  assert.deepEqual([second.status, second.records, second.changed, second.removed], ["ok", COUNT, 1, 0], JSON.stringify(second));
  assert.ok((await search(note)).some(({ record_key: key }) => key === joes.id), note);

  // The same from a terminal.
  assert.match(await links("list"), new RegExp(`${orders.id}  ${PRINTED_PAGE} +Shopify Orders +api +messenger +fresh +${COUNT}`));
  assert.match(await links("status"), new RegExp(`^fresh +Shopify Orders +${PRINTED_PAGE} +${COUNT} `, "m"));
  assert.ok((await links("search", joes.email, "--channel", "messenger", "-k", "3")).startsWith(`1. Shopify Orders, ${joes.id} (`));
  const { key: secret, client } = PRINTED_KEYS.plain;
  const others = ["--header", `X-API-Key: ${secret}`, "--header", `X-Client-ID: ${client}`];
  const previewed = await links("preview", "--page", PRINTED_PAGE, "--channel", "web", "--name", "Products", "--url", `${source.base}/api/products`, ...others);
  assert.match(previewed, new RegExp(`${COUNT} records looked at \\(json\\)`));

  // Authorized by a person: denied first, then given; renewed once with each refresh token, and over when it is taken back.
  const { crm_link: visits } = await dashboard("crm-links", "POST", {
    page_id: PRINTED_PAGE, channels: ["web"], name: "Visits", url: `${oauth.base}/people`, is_active: true, api_key: oauth.client.secret,
    auth: { type: "oauth2", grant: "authorization_code", authorize_url: `${oauth.base}/authorize`, token_url: `${oauth.base}/token`, client_id: oauth.client.id, scope: "people.read" },
  });
  oauth.client.redirectUris.push(visits.redirect_uri);
  const consented = async () => {
    const { authorize_url: to } = await dashboard(`crm-links/${visits.id}/authorize`, "POST", {});
    const { headers: sent } = await fetch(to, { redirect: "manual" });
    const back = await fetch(sent.get("location"));
    return [back.status, await back.text(), sent.get("location")];
  };
  oauth.deny();
  const [denied, why] = await consented();
  assert.equal(denied, 400);
  assert.match(why, /denied/);
  const [agreed, , visited] = await consented();
  assert.equal(agreed, 200);
  assert.equal((await fetch(visited)).status, 400, "a state is good once");
  const seen = await fetched(visits.id);
  assert.deepEqual([seen.status, seen.records], ["ok", 1], JSON.stringify(seen));
  for (let last = seen, n = 0; n < 2; n += 1) {
    oauth.expire();
    await dashboard(`crm-links/${visits.id}/refresh`, "POST", {});
    last = await fetched(visits.id, last);
    assert.equal(last.status, "ok", JSON.stringify(last));
  }
  assert.equal(oauth.requests.filter(({ grant }) => grant === "refresh_token").length, 2);
  oauth.revoke();
  const held = (await linkOf(visits.id)).last_fetch;
  await dashboard(`crm-links/${visits.id}/refresh`, "POST", {});
  const over = await fetched(visits.id, held);
  assert.equal(over.status, "failed");
  assert.match(over.error, /authorize/);
  assert.equal((await consented())[0], 200, "a person connects it again");
  assert.equal((await fetched(visits.id, over)).status, "ok");
  await dashboard("crm-links", "DELETE", { page_id: PRINTED_PAGE, url: visits.url });

  // A list of the connected Krayin: Joe's record there is his.
  const { crm_link: persons } = await dashboard("crm-links", "POST", {
    page_id: PRINTED_PAGE, channels: ["messenger"], name: "Krayin Persons", url: "krayin://persons", is_active: true,
  });
  const known = await fetched(persons.id);
  assert.equal(known.status, "ok", JSON.stringify(known));
  assert.ok((await search(joes.email, { links: [persons.id] })).some(({ record_key: key }) => key === String(person.id)));
  await dashboard("crm-links", "DELETE", { page_id: PRINTED_PAGE, url: persons.url });

  // Pushed: signed as Standard Webhooks has it, and at once searchable.
  const pushed = await dashboard("crm-links", "POST", {
    page_id: PRINTED_PAGE, channels: ["messenger"], name: "Warehouse", url: "https://warehouse.example.com/parcels", type: "webhook", is_active: true,
    identity: { email: ["email"] },
  });
  const { webhook_url: to, id: warehouse } = pushed.crm_link;
  const body = JSON.stringify({ records: [{ id: "parcel-77", title: "Opening hours of the depot", text: "The depot in Athlone hands out parcels until nine in the evening." }] });
  const push = (secret, id, sent = body) => {
    const at = new Date();
    const signature = new Webhook(secret).sign(id, at, sent);
    return fetch(to, { method: "POST", body: sent, headers: { "content-type": "application/json", "webhook-id": id, "webhook-timestamp": String(Math.floor(at / 1000)), "webhook-signature": signature } });
  };
  assert.equal((await push("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "msg_forged")).status, 401);
  const taken = await push(pushed.signing_secret, "msg_1");
  assert.equal(taken.status, 202, await taken.text());
  await soon("what was pushed", async () => (await search("until when can I pick up my parcel", { links: [warehouse] })).some(({ record_key: key }) => key === "parcel-77"));

  // Uploaded: a file, which another replaces as a whole.
  const faq = path.join(state, "faq.md");
  writeFileSync(faq, "# Returns\n\nSend parcels back within thirty days.\n\n# Opening hours\n\nThe shop closes at six.\n");
  const told = await links("add", "--page", PRINTED_PAGE, "--channel", "web", "--name", "Questions", "--file", faq);
  const [questions] = told.match(/[0-9a-f]{8}-[0-9a-f-]{27}/);
  const passages = async (query) => (await search(query, { links: [questions] })).map(({ text }) => text).join("\n");
  await soon("the file", async () => (await passages("when does the shop close")).includes("closes at six"));
  writeFileSync(faq, "# Opening hours\n\nThe shop closes at eight.\n");
  assert.match(await links("upload", questions, faq), /^faq.md is the file of Questions now/);
  await soon("the new file", async () => (await passages("when does the shop close")).includes("closes at eight"));
  assert.ok(!(await passages("send parcels back")).includes("thirty days"), "what the new file lacks is gone");
  assert.deepEqual((await linkOf(questions)).file.name, "faq.md");
  const there = `${tieline.base_url}/api/dashboard/crm-links/${questions}/file`;
  const put = async (body) => (await fetch(there, { method: "PUT", headers, body })).status;
  assert.deepEqual([await put("%PDF-1.7"), await put(""), await put("x".repeat(16 * 1024 * 1024 + 1))], [415, 422, 413]);
  // What cannot be read is told, and what was there is searched on.
  const csv = path.join(state, "broken.csv");
  writeFileSync(csv, "sku,name\nb-1,\"Blue bicycle\n");
  await links("upload", questions, csv);
  await soon("the failure", async () => (await linkOf(questions)).state === "failing");
  assert.ok((await passages("when does the shop close")).includes("closes at eight"));
  assert.match(await links("upload", questions, faq), /being read/);
  await soon("that it is well", async () => (await linkOf(questions)).state === "fresh");

  // Joe is replied to without an agent, from his own parcel. Who asks for it and is not Joe gets a person.
  const parcels = JSON.stringify({ records: [
    { id: "A-77", email: joes.email, text: "Order A-77 waits at the counter in Athlone." },
    { id: "B-88", email: anns.email, text: "Order B-88 waits at the counter in Galway." },
  ] });
  assert.equal((await push(pushed.signing_secret, "msg_2", parcels)).status, 202);
  await soon("the parcels", async () => (await search("A-77", { links: [warehouse] })).some(({ record_key: key }) => key === "A-77"));
  const { replies } = await dashboard("replies", "PUT", {
    base_url: openai.url, model: "gpt-4o-mini", api_key: openai.apiKey, auto_reply: { messenger: true }, auto_reply_name: "Ada",
  });
  assert.deepEqual([replies.auto_reply.messenger, replies.auto_reply.whatsapp], [true, false]);
  const written = ({ messages }) => (messages.at(-1).content.includes("counter in Athlone") ? "Your order A-77 waits at the counter in Athlone." : "[[HAND OVER]]");
  openai.say(written, written);
  const toldTo = (person) => page.sent.filter(({ body: { recipient } }) => recipient?.id === person).map(({ body: { message } }) => message?.text);
  assert.equal((await page.receive(JOE, "Hello again")).status, 200);
  assert.equal((await page.receive(JOE, "Where does order A-77 wait?")).status, 200);
  await soon("a reply", () => toldTo(JOE).length > 0);
  assert.deepEqual(toldTo(JOE), ["Your order A-77 waits at the counter in Athlone."]);
  const { messages: his77 } = await api("/api-messages-since?since=2020-01-01T00:00:00Z&limit=1000");
  const reply = his77.find(({ direction }) => direction === "outbound");
  assert.deepEqual([reply.conversation_id, reply.detail.author], [data.conversation_id, { id: "auto_reply", name: "Ada" }]);
  assert.equal((await page.receive(EVE, "Where does order A-77 wait?")).status, 200);
  await soon("that a person takes over", () => toldTo(EVE).length > 0);
  assert.match(toldTo(EVE).join(), /^Thank you. A colleague will take over/);
  assert.equal(openai.prompts.filter(({ messages }) => messages.at(-1).content.includes("Galway")).length, 0, "nobody is told of Ann's parcel");
  assert.equal(openai.prompts.filter(({ messages }) => messages.at(-1).content.includes("counter in Athlone")).length, 1, "nor anybody but Joe of his");
  assert.equal(toldTo(JOE).length, 1, "two messages in a burst are replied to once");

  // A link that is deleted is gone with all it had.
  const [shopify] = added;
  const gone = await dashboard("crm-links", "DELETE", { page_id: PRINTED_PAGE, url: shopify.url });
  assert.deepEqual([gone.message, gone.deleted_count], ["CRM link deleted successfully", 1]);
  await soon("that its documents are gone", async () => (await documents()).every(({ link_id: id }) => id !== shopify.id));
  const { email } = factsOf(source.list("shopify_customers")[0]);
  assert.deepEqual((await search(email)).filter(({ link_id: id }) => id === shopify.id), []);
  const health = await dashboard("crm-links/health");
  assert.deepEqual([health.in_trouble, health.links.length], [0, 5], JSON.stringify(health));

  // Another model takes the place of the built-in one when everything has its vector. Until then searches go on.
  const embedder = (method, body) => dashboard("crm-links/embedder", method, body);
  const about = (query) => dashboard("rag/search", "POST", { query, k: 5 });
  const keysFound = (found) => found.results.map(({ record_key: key }) => key);
  const before = await about("until when can I pick up my parcel");
  const server = { base_url: openai.url, model: "text-embedding-3-small", dimensions: 256, api_key: openai.apiKey };
  openai.fail("500");
  await assert.rejects(embedder("PUT", server), /503/);
  const set = await embedder("PUT", server);
  assert.deepEqual([set.embedder.api_key, set.embedder.dimension, set.searched_model], ["***", 256, "static128"]);
  await until("that everything is embedded", async () => {
    assert.ok(keysFound(await about("until when can I pick up my parcel")).includes("parcel-77"));
    return (await embedder("GET")).state === "ready";
  }, 60_000, 500);
  assert.ok(openai.embedded.some((text) => text.includes("The depot in Athlone")), JSON.stringify(openai.embedded.slice(0, 5)));
  const after = await about("until when can I pick up my parcel");
  assert.deepEqual([keysFound(before).includes("parcel-77"), keysFound(after).includes("parcel-77"), after.degraded], [true, true, false]);
  openai.fail("503");
  assert.equal((await about("the depot in Athlone")).degraded, true);
  await embedder("DELETE");
  await until("that the built-in model is searched", async () => (await embedder("GET")).searched_model === "static128", 60_000, 500);
  const again = await about("until when can I pick up my parcel");
  assert.deepEqual(keysFound(again), keysFound(before));

  assert.deepEqual(krayin.surprises, [], "the fake did not stumble by itself");
  assert.equal(crm.unverified, 0);
  const log = tieline.log();
  for (const secret of [PRINTED_KEYS.shopify, PRINTED_KEYS.hubspot, PRINTED_KEYS.plain.key, pushed.signing_secret, openai.apiKey]) assert.ok(!log.includes(secret), "no secret in the log");
});
