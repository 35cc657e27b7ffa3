import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, startedChatwoot, statusOf, whyOf } from "./chatwoot-support.mjs";
import { answersEach, calling } from "./support.mjs";

const NOT_ALLOWED = "You are not authorized to do this action";
const BOT_REFUSED = "Access to this endpoint is not authorized for bots";

test("chatwoot_admits_who_has_a_token_in_either_spelling_of_its_header", async () => {
  const { chatwoot, api } = await startedChatwoot();
  const get = (path, headers) => calling(`${chatwoot.base}/api/v1${path}`, { method: "GET", headers });
  for (const name of ["api_access_token", "Api-Access-Token"]) assert.equal((await get("/profile", { [name]: chatwoot.token })).status, 200, name);
  assert.deepEqual(whyOf(await get("/profile", { "api-access-token": "other" })), [401, "Invalid Access Token"]);
  assert.deepEqual((await get("/profile", {})).said, { errors: ["You need to sign in or sign up before continuing."] });
  chatwoot.dropsUnderscores = true;
  assert.equal((await get("/profile", { api_access_token: chatwoot.token })).status, 401);
  assert.equal((await get("/profile", { "api-access-token": chatwoot.token })).status, 200);
  assert.deepEqual(whyOf(await get("/accounts/2/agents", { "api-access-token": chatwoot.token })), [401, "You are not authorized to access this account"]);
  assert.deepEqual(whyOf(await get("/accounts/3/agents", { "api-access-token": chatwoot.token })), [404, "Resource could not be found"]);
  assert.equal((await api("GET", "nothing")).status, 404);
  chatwoot.isSuspended = true;
  assert.deepEqual(whyOf(await api("GET", "agents")), [401, "Account is suspended"]);
});

test("chatwoot_refuses_an_agent_what_needs_an_administrator_with_401", async () => {
  const { chatwoot, api, people } = await startedChatwoot();
  const ada = people.arrives(ADA);
  people.writes(ada, "Hi");
  const url = "https://us.example/hook";
  const definition = { attribute_display_name: "Person", attribute_key: "krayin_person_id", attribute_display_type: "text", attribute_model: "contact_attribute" };
  const calls = [
    ["GET", "webhooks"], ["POST", "webhooks", { url }], ["PATCH", "webhooks/1", { url: `${url}/2` }], ["DELETE", "webhooks/1"], ["POST", "labels", { title: "vip" }],
    ["POST", "custom_attribute_definitions", definition], ["DELETE", "conversations/1"], ["DELETE", `contacts/${ada.id}`],
  ];
  for (const [method, path, json] of calls) {
    assert.deepEqual(whyOf(await api(method, path, json, chatwoot.agentToken)), [401, NOT_ALLOWED], `${method} ${path}`);
    assert.equal((await api(method, path, json)).status, 200, `${method} ${path}`);
  }
  for (const path of ["agents", "inboxes", "labels", "contacts", "conversations", "teams"]) assert.equal((await api("GET", path, undefined, chatwoot.agentToken)).status, 200, path);
});

test("chatwoot_lets_bots_write_conversations_and_nothing_else", async () => {
  const { chatwoot, api, people } = await startedChatwoot();
  people.writes(people.arrives(), "Hi");
  const bot = (method, path, json) => api(method, path, json, chatwoot.botToken);
  await answersEach(bot, statusOf, [
    ["a message", 200, "POST", "conversations/1/messages", { content: "Hello" }],
    ["a status", 200, "POST", "conversations/1/toggle_status", { status: "pending" }],
    ["a priority", 200, "POST", "conversations/1/toggle_priority", { priority: "high" }],
    ["attributes", 200, "POST", "conversations/1/custom_attributes", { custom_attributes: {} }],
    ["an assignment", 200, "POST", "conversations/1/assignments", { assignee_id: chatwoot.users[1].id }],
  ]);
  for (const path of ["contacts", "conversations", "conversations/1", "conversations/1/messages", "inboxes"]) assert.deepEqual(whyOf(await bot("GET", path)), [401, BOT_REFUSED], path);
  assert.equal(chatwoot.messages.find(({ content }) => content === "Hello").sender_type, "AgentBot");
});

test("chatwoot_names_its_people_and_inboxes", async () => {
  const { chatwoot, api } = await startedChatwoot({ labels: ["vip"], users: [{ name: "Ann Admin", role: "administrator" }, { name: "Bob Agent", inboxIds: [1] }] });
  const [ann, bob] = (await api("GET", "agents")).said;
  assert.deepEqual([ann.email, ann.role, bob.email, bob.role], ["ann.admin@example.com", "administrator", "bob.agent@example.com", "agent"]);
  const { said: { payload } } = await api("GET", "inboxes");
  const types = ["WebWidget", "Api", "Whatsapp", "TwilioSms", "Email", "Telegram", "Line", "FacebookPage", "Instagram", "Tiktok"].map((name) => `Channel::${name}`);
  assert.deepEqual(payload.map(({ channel_type }) => channel_type), types);
  assert.equal(payload[3].medium, "sms");
  assert.ok(payload[1].hmac_token && payload[1].secret);
  const seen = (await api("GET", "inboxes", undefined, chatwoot.agentToken)).said.payload;
  assert.deepEqual(seen.map(({ id, hmac_token }) => [id, hmac_token]), [[1, undefined]]);
  assert.equal((await api("GET", "inboxes/2", undefined, chatwoot.agentToken)).status, 401);
  assert.deepEqual((await api("GET", "labels")).said.payload.map(({ title }) => title), ["vip"]);
  const profile = await calling(`${chatwoot.base}/api/v1/profile`, { method: "GET", headers: { api_access_token: chatwoot.agentToken } });
  assert.deepEqual(profile.said.accounts.map(({ id, role }) => [id, role]), [[chatwoot.accountId, "agent"]]);
  assert.deepEqual(whyOf(await api("POST", "labels", { title: "VIP" })), [422, ["title"]]);
  assert.deepEqual(whyOf(await api("POST", "labels", { title: "very important" })), [422, ["title"]]);
  await assert.rejects(startedChatwoot({ version: "4.3.0", inboxes: [{ name: "T", channel: "Channel::Tiktok" }] }), /no channel/);
});

test("chatwoot_takes_contacts_that_are_valid_and_alone", async () => {
  const { api } = await startedChatwoot();
  const create = (json) => api("POST", "contacts", json);
  await answersEach(create, whyOf, [
    ["all", [200], { ...ADA, additional_attributes: { city: "Cork" }, custom_attributes: { plan: "pro" } }],
    ["nothing", [200], {}],
    ["the same email in other case", [422, ["email"]], { email: "ADA@example.org" }],
    ["the same phone", [422, ["phone_number"]], { phone_number: ADA.phone_number }],
    ["the same identifier", [422, ["identifier"]], { identifier: ADA.identifier }],
    ["two at once", [422, ["email", "identifier"]], { email: ADA.email, identifier: ADA.identifier }],
    ["no plus", [422, ["phone_number"]], { phone_number: "4915100000001" }],
    ["a phone with spaces", [422, ["phone_number"]], { phone_number: "+49 151 1" }],
    ["no address", [422, ["email"]], { email: "ada" }],
    ["an unknown key", [422, 'Unexpected key "phone" on param "contact".'], { phone: "+4915100000001" }],
    ["attributes that are no object", [422, "Param custom_attributes must be an object."], { custom_attributes: [] }],
    ["an attribute too long", [422, ["custom_attributes"]], { custom_attributes: { a: "x".repeat(1501) } }],
    ["an unknown inbox", [404, "Resource could not be found"], { inbox_id: 99 }],
    ["WhatsApp without a phone", [422, ["source_id"]], { name: "Nobody", inbox_id: 3 }],
  ]);
  const taken = await create({ email: "Ada@Example.org" });
  assert.deepEqual(taken.said, { message: "Email has already been taken", attributes: ["email"] });
  const { payload: { contact, contact_inbox } } = (await create({ name: "Wes", phone_number: "+15550111", inbox_id: 3 })).said;
  assert.deepEqual([contact.contact_inboxes.length, contact_inbox.source_id, contact_inbox.inbox.channel_type], [1, "15550111", "Channel::Whatsapp"]);
  assert.ok(!(await api("GET", "contacts/search?q=Nobody")).said.payload.length);
});

test("chatwoot_merges_attributes_at_the_first_level_alone", async () => {
  const { api, people } = await startedChatwoot();
  const { id } = people.arrives({ ...ADA, additional_attributes: { city: "Cork", external: { leadsquared_id: "7", hubspot_id: "8" } }, custom_attributes: { plan: "pro" } });
  const { said: { payload } } = await api("PATCH", `contacts/${id}`, { additional_attributes: { external: { krayin_id: "9" } }, custom_attributes: { krayin_person_id: "3" } });
  assert.deepEqual(payload.additional_attributes, { city: "Cork", external: { krayin_id: "9" } });
  assert.deepEqual(payload.custom_attributes, { plan: "pro", krayin_person_id: "3" });
  assert.equal(payload.email, ADA.email);
  const left = await api("POST", `contacts/${id}/destroy_custom_attributes`, { custom_attributes: ["plan"] });
  assert.deepEqual(left.said.payload.custom_attributes, { krayin_person_id: "3" });
  assert.equal((await api("PUT", `contacts/${id}`, { email: "" })).said.payload.email, null);
  assert.deepEqual(whyOf(await api("GET", "contacts/999")), [404, "Resource could not be found"]);
});

test("chatwoot_lists_fifteen_contacts_a_page_and_no_anonymous_visitor", async () => {
  const { chatwoot, api, people } = await startedChatwoot();
  people.arrives();
  people.arrives({ name: "Username", additional_attributes: { social_whatsapp_user_name: "wes" }, inbox: 3, sourceId: "BR.1234" });
  const known = Array.from({ length: 17 }, (_, n) => people.arrives({ name: `Known ${n}`, email: `k${n}@example.org` }));
  chatwoot.advance(1000);
  people.writes(known[4], "first");
  chatwoot.advance(1000);
  people.writes(known[2], "second");
  const first = (await api("GET", "contacts?sort=-last_activity_at")).said;
  assert.deepEqual([first.meta, first.payload.length], [{ count: 17, current_page: 1 }, 15]);
  assert.deepEqual(first.payload.slice(0, 2).map(({ id }) => id), [known[2].id, known[4].id]);
  assert.deepEqual((await api("GET", "contacts?sort=last_activity_at")).said.payload[0].id, known[4].id);
  const second = (await api("GET", "contacts?sort=-last_activity_at&page=2")).said;
  assert.deepEqual([second.meta, second.payload.length], [{ count: 17, current_page: "2" }, 2]);
  assert.equal((await api("GET", "contacts?page=3")).said.payload.length, 0);
  assert.equal((await api("GET", "contacts?order=name")).status, 422);
  assert.equal((await api("GET", "contacts?sort=colour")).status, 422);
  assert.ok(first.payload[0].contact_inboxes.length);
  assert.equal((await api("GET", "contacts?include_contact_inboxes=false")).said.payload[0].contact_inboxes, undefined);
});

test("chatwoot_searches_for_parts_of_words", async () => {
  const search = async (version) => {
    const { api, people } = await startedChatwoot({ version });
    people.arrives(ADA);
    people.arrives({ name: "Joada Long", email: "x.ada@example.org" });
    people.arrives({ name: "Ada Anonymous" });
    for (let n = 0; n < 16; n += 1) people.arrives({ name: "Many", email: `m${n}@example.org` });
    const found = async (q, more = "") => (await api("GET", `contacts/search?q=${encodeURIComponent(q)}${more}`)).said;
    return { api, found };
  };
  const { api, found } = await search();
  const names = async (q) => (await found(q)).payload.map(({ name }) => name);
  assert.deepEqual(await names("ADA@"), ["Ada Test", "Joada Long"]);
  assert.deepEqual(await names("+49151"), ["Ada Test"]);
  assert.deepEqual(await names("user:42"), ["Ada Test"]);
  // A plus that is not encoded is a space.
  assert.deepEqual((await api("GET", "contacts/search?q=+4915100000000")).said.payload.length, 1);
  assert.deepEqual((await api("GET", "contacts/search?q=a+4915100000000")).said.payload.length, 0);
  assert.equal((await api("GET", "contacts/search?q=+")).status, 422);
  assert.deepEqual((await found("many")).meta, { count: 15, current_page: 1, has_more: true });
  assert.deepEqual((await found("many", "&page=2")).meta, { count: 1, current_page: "2", has_more: false });
  assert.deepEqual((await (await search("4.3.0")).found("many")).meta, { count: 16, current_page: 1 });
});

test("chatwoot_filters_contacts_by_attributes_that_it_knows", async () => {
  const { chatwoot, api, people } = await startedChatwoot();
  const ada = people.arrives({ ...ADA, custom_attributes: { krayin_person_id: "3" }, additional_attributes: { city: "Cork" } });
  const bea = people.arrives({ name: "Bea", email: "bea@example.org" });
  chatwoot.advance(3 * 86_400_000);
  people.writes(bea, "Hi");
  const filter = async (...payload) => {
    const answer = await api("POST", "contacts/filter", { payload });
    return answer.status === 200 ? answer.said.payload.map(({ name }) => name) : [answer.status];
  };
  const by = (attribute_key, filter_operator, values, query_operator) => ({ attribute_key, filter_operator, values, query_operator });
  assert.deepEqual(await filter(by("email", "equal_to", ["ADA@example.org"])), ["Ada Test"]);
  assert.deepEqual(await filter(by("phone_number", "equal_to", ["4915100000000"])), ["Ada Test"]);
  assert.deepEqual(await filter(by("email", "equal_to", ["bea@example.org", ADA.email])), ["Bea"]);
  assert.deepEqual(await filter(by("city", "equal_to", ["cork"], "OR"), by("name", "contains", ["be"])), ["Ada Test", "Bea"]);
  assert.deepEqual(await filter(by("city", "equal_to", ["cork"], "AND"), by("name", "contains", ["be"])), []);
  const today = new Date(chatwoot.clock.now()).toISOString();
  // Its hour is lost: all of the day is later than its midnight.
  assert.deepEqual(await filter(by("last_activity_at", "is_greater_than", [today])), ["Bea"]);
  assert.deepEqual(await filter(by("created_at", "days_before", ["2"])), ["Ada Test", "Bea"]);
  const wrongs = [
    by("colour", "equal_to", ["x"]), by("email", "is_greater_than", ["x"]), by("email", "equal_to", []), by("email", "equal_to", ["x"], "AND"),
    by("last_activity_at", "is_greater_than", ["yesterday"]),
  ];
  for (const wrong of wrongs) {
    assert.deepEqual(await filter(wrong), [422], JSON.stringify(wrong));
  }
  assert.deepEqual(await filter(by("krayin_person_id", "equal_to", ["3"])), [422]);
  await api("POST", "custom_attribute_definitions", { attribute_display_name: "Person", attribute_key: "krayin_person_id", attribute_display_type: 0, attribute_model: 1 });
  assert.deepEqual(await filter(by("krayin_person_id", "equal_to", ["3"])), ["Ada Test"]);
  assert.deepEqual(await filter(by("krayin_person_id", "is_not_present", [])), ["Bea"]);
  assert.equal((await api("GET", "custom_attribute_definitions?attribute_model=contact_attribute")).said[0].attribute_display_type, "text");
  assert.ok(ada.id);
});

test("chatwoot_merges_contacts_and_forgets_one", async () => {
  const { chatwoot, api, people } = await startedChatwoot();
  const base = people.arrives({ name: "Ada", email: ADA.email, custom_attributes: { plan: "pro" } });
  const mergee = people.arrives({
    name: "wild-sea-1", email: "old@example.org", phone_number: ADA.phone_number, inbox: 3, sourceId: "4915100000000", custom_attributes: { plan: "free", krayin_person_id: "3" },
  });
  const { conversation_id: id } = people.writes(mergee, "Hi");
  const { status, said } = await api("POST", "actions/contact_merge", { base_contact_id: base.id, mergee_contact_id: mergee.id });
  assert.equal(status, 200);
  assert.deepEqual([said.id, said.name, said.email, said.phone_number], [base.id, "Ada", ADA.email, ADA.phone_number]);
  assert.deepEqual(said.custom_attributes, { plan: "pro", krayin_person_id: "3" });
  assert.equal((await api("GET", `contacts/${mergee.id}`)).status, 404);
  assert.equal((await api("GET", `conversations/${id}`)).said.meta.sender.id, base.id);
  assert.deepEqual((await api("GET", `contacts/${base.id}`)).said.payload.contact_inboxes.map(({ inbox }) => inbox.id), [1, 3]);
  assert.deepEqual((await api("GET", `contacts/${base.id}/conversations`)).said.payload.map((one) => one.id), [id]);
  assert.equal((await api("POST", "actions/contact_merge", { base_contact_id: base.id, mergee_contact_id: 99 })).status, 404);
  assert.equal(chatwoot.contacts.length, 1);
});

test("chatwoot_links_contacts_to_inboxes", async () => {
  const { api, people } = await startedChatwoot();
  const { id } = people.arrives(ADA);
  const link = (json) => api("POST", `contacts/${id}/contact_inboxes`, json);
  assert.equal((await link({ inbox_id: 2, source_id: "x-1" })).said.source_id, "x-1");
  assert.equal((await link({ inbox_id: 4 })).said.source_id, ADA.phone_number);
  assert.equal((await link({ inbox_id: 5 })).said.source_id, ADA.email);
  assert.equal((await link({})).status, 422);
  const other = people.arrives({ email: "b@example.org" });
  assert.deepEqual(whyOf(await api("POST", `contacts/${other.id}/contact_inboxes`, { inbox_id: 2, source_id: "x-1" })), [422, ["source_id"]]);
  const { said: { payload } } = await api("GET", `contacts/${id}/contactable_inboxes`);
  assert.deepEqual(payload.map(({ inbox }) => inbox.name), ["API", "WhatsApp", "SMS", "Email"]);
  assert.deepEqual((await api("POST", `contacts/${id}/labels`, { labels: ["vip", "vip"] })).said, { payload: ["vip"] });
  assert.deepEqual((await api("GET", `contacts/${id}/labels`)).said, { payload: ["vip"] });
});
