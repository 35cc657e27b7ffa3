import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, startedChatwoot, statusOf, whyOf } from "./chatwoot-support.mjs";
import { answersEach, calling } from "./support.mjs";

/** One with a thread in the widget: conversation 1 of contact 1, with one message. */
async function threaded(options) {
  const started = await startedChatwoot(options);
  const ada = started.people.arrives(ADA);
  started.people.writes(ada, "Hello");
  return { ...started, ada };
}

test("chatwoot_lists_what_is_open_in_pages_of_25", async () => {
  const { chatwoot, api, people } = await startedChatwoot();
  for (let n = 0; n < 27; n += 1) {
    people.writes(people.arrives({ email: `c${n}@example.org` }), `Words ${n}`);
    chatwoot.advance(10_000);
  }
  people.resolves(1);
  const list = async (query = "") => (await api("GET", `conversations${query}`)).said.data;
  const first = await list();
  assert.deepEqual([first.payload.length, first.meta.all_count, first.payload[0].id], [25, 26, 27]);
  assert.equal((await list("?page=2")).payload.length, 1);
  assert.equal((await list("?status=resolved")).payload[0].id, 1);
  assert.equal((await list("?status=all")).meta.all_count, 27);
  assert.deepEqual((await list("?q=words+13")).payload.map(({ id }) => id), [14]);
  assert.equal((await list("?sort_by=created_at_asc")).payload[0].id, 2);
  // Whatever changed lately comes at once; messages and states count as changes.
  assert.deepEqual((await list("?status=all&updated_within=25")).payload.map(({ id }) => id).sort((a, b) => a - b), [1, 26, 27]);
  assert.equal((await list("?status=all&updated_within=86400")).payload.length, 27);
  people.assigns(5, 2);
  people.labels(6, ["vip"]);
  assert.deepEqual((await list("?assignee_type=assigned")).payload.map(({ id }) => id), [5]);
  assert.deepEqual((await list("?labels[]=vip")).payload.map(({ id }) => id), [6]);
  assert.deepEqual((await api("GET", "conversations?assignee_type=me", undefined, chatwoot.agentToken)).said.data.meta, { mine_count: 1, assigned_count: 1, unassigned_count: 25, all_count: 26 });
  assert.equal((await api("GET", "conversations?since=1")).status, 422);
  const filter = (payload, page = 1) => api("POST", `conversations/filter?page=${page}`, { payload });
  const open = { attribute_key: "status", filter_operator: "equal_to", values: ["open"] };
  const { said } = await filter([open], 2);
  assert.deepEqual([said.meta.all_count, said.payload.length], [26, 1]);
  const later = { attribute_key: "last_activity_at", filter_operator: "is_less_than", values: ["2001-01-01"] };
  assert.equal((await filter([{ ...open, query_operator: "AND" }, later])).said.payload.length, 0);
  assert.equal((await filter([{ ...open, filter_operator: "contains" }])).status, 422);
});

test("chatwoot_tells_a_conversation_with_its_channel_and_without_an_inbox_name", async () => {
  const { api, ada } = await threaded();
  const { status, said } = await api("GET", "conversations/1");
  assert.equal(status, 200);
  assert.deepEqual([said.id, said.account_id, said.meta.channel, said.meta.sender.id, said.meta.assignee], [1, 1, "Channel::WebWidget", ada.id, undefined]);
  assert.deepEqual([said.status, said.priority, said.labels, said.unread_count, said.first_reply_created_at], ["open", null, [], 1, 0]);
  assert.equal(typeof said.created_at, "number");
  assert.equal((await api("GET", "conversations/2")).status, 404);
});

test("chatwoot_shows_agents_the_conversations_of_their_inboxes", async () => {
  const { chatwoot, api, people } = await startedChatwoot({ users: [{ name: "Ann Admin", role: "administrator" }, { name: "Bob Agent", inboxIds: [2] }] });
  people.writes(people.arrives(), "in the widget");
  const asBob = (path) => api("GET", path, undefined, chatwoot.agentToken);
  assert.deepEqual(whyOf(await asBob("conversations/1")), [401, "You are not authorized to do this action"]);
  assert.equal((await asBob("conversations/1/messages")).status, 401);
  assert.equal((await asBob("conversations?status=all")).said.data.meta.all_count, 0);
  assert.equal((await asBob("contacts/1/conversations")).said.payload.length, 0);
});

test("chatwoot_pages_messages_by_id", async () => {
  const { api, people } = await threaded();
  for (let n = 2; n <= 130; n += 1) people.answers(1, `Words ${n}`, { isPrivate: n === 130 });
  const ids = async (query) => {
    const { payload } = (await api("GET", `conversations/1/messages${query}`)).said;
    return [payload.length, payload[0]?.id, payload.at(-1)?.id];
  };
  assert.deepEqual(await ids(""), [20, 111, 130]);
  assert.deepEqual(await ids("?before=111"), [20, 91, 110]);
  assert.deepEqual(await ids("?before=1"), [0, undefined, undefined]);
  assert.deepEqual(await ids("?after=5"), [100, 6, 105]);
  assert.deepEqual(await ids("?after=5&before=20"), [15, 5, 19]);
  assert.deepEqual(await ids("?filter_internal_messages=true"), [20, 110, 129]);
  const { meta } = (await api("GET", "conversations/1/messages")).said;
  assert.deepEqual(Object.keys(meta), ["labels", "additional_attributes", "contact", "agent_last_seen_at", "assignee_last_seen_at"]);
});

test("chatwoot_takes_messages_that_are_valid", async () => {
  const { api, people, chatwoot } = await threaded();
  people.writes(people.arrives({ inbox: 2 }), "by API", { inbox: 2 });
  people.writes(people.arrives({ inbox: 5, email: "e@example.org" }), "by mail", { inbox: 5 });
  const send = (json, id = 1) => api("POST", `conversations/${id}/messages`, json);
  await answersEach(send, statusOf, [
    ["words", 200, { content: "Hi" }],
    ["nothing", 422, {}],
    ["an empty text", 422, { content: "" }],
    ["incoming in the widget", 422, { content: "Hi", message_type: "incoming" }],
    ["incoming in an API inbox", 200, { content: "Hi", message_type: "incoming" }, 2],
    ["an activity", 422, { content: "Hi", message_type: "activity" }],
    ["an unknown type of content", 422, { content: "Hi", content_type: "html" }],
    ["an unknown key", 422, { text: "Hi" }],
    ["too long", 422, { content: "x".repeat(150_001) }],
    ["just not too long", 200, { content: "x".repeat(150_000) }],
    ["a wrong address", 422, { content: "Hi", cc_emails: "nobody" }, 3],
    ["an address", 200, { content: "Hi", cc_emails: "a@example.org,b@example.org" }, 3],
    ["an unknown conversation", 404, { content: "Hi" }, 9],
  ]);
  const { said } = await send({ content: "For us", private: true, content_attributes: { tieline: "note-1" }, echo_id: "e-1" });
  assert.deepEqual([said.message_type, said.private, said.content_attributes, said.echo_id, said.sender.type], [1, true, { tieline: "note-1" }, "e-1", "user"]);
  assert.deepEqual((await send({ content: "Hi", message_type: "incoming" }, 2)).said.sender.type, "contact");
  assert.deepEqual(whyOf(await send({ content: "Hi", message_type: "incoming" })), [422, "Incoming messages are only allowed in Api inboxes"]);
  assert.equal(chatwoot.conversations[0].first_reply_created_at !== null, true);
});

test("chatwoot_takes_files_in_a_form_and_gives_them_by_a_redirect", async () => {
  const { chatwoot, api } = await threaded();
  const url = `${chatwoot.base}/api/v1/accounts/1/conversations/1/messages`;
  const send = async (fill) => {
    const body = new FormData();
    fill(body);
    const response = await fetch(url, { method: "POST", headers: { "api-access-token": chatwoot.token }, body });
    return { status: response.status, said: await response.json() };
  };
  const { status, said } = await send((form) => {
    form.append("content", "See this");
    form.append("private", "true");
    form.append("content_attributes[tieline]", "1");
    form.append("attachments[]", new Blob(["png bytes"], { type: "image/png" }), "a b.png");
  });
  assert.deepEqual([status, said.private, said.content_attributes], [200, true, { tieline: "1" }]);
  const [file] = said.attachments;
  assert.deepEqual([file.file_type, file.extension, file.file_size, file.message_id], ["image", "png", 9, said.id]);
  const first = await calling(file.data_url, { method: "GET" });
  assert.equal(first.status, 302);
  assert.equal((await calling(first.headers.get("location"), { method: "GET" })).said, "png bytes");
  assert.equal((await send((form) => form.append("attachments[]", new Blob(["x"]), "x.bin"))).said.attachments[0].file_type, "file");
  assert.equal((await send((form) => Array.from({ length: 16 }, (_, n) => form.append("attachments[]", new Blob(["x"]), `${n}`)))).status, 422);
  assert.equal((await send((form) => form.append("attachments[]", new Blob([Buffer.alloc(40 * 1024 * 1024 + 1)]), "big"))).status, 422);
  assert.equal((await api("POST", "conversations/1/messages", { content: "x", attachments: ["a"] })).status, 422);
  const broken = await fetch(url, { method: "POST", headers: { "api-access-token": chatwoot.token, "content-type": "multipart/form-data; boundary=x" }, body: "nothing" });
  assert.equal(broken.status, 400);
  await api("DELETE", `conversations/1/messages/${said.id}`);
  assert.equal((await calling(file.data_url, { method: "GET" })).status, 404);
});

test("chatwoot_sets_the_state_of_messages_in_api_inboxes_alone", async () => {
  const { api, people } = await threaded();
  people.writes(people.arrives({ inbox: 2 }), "by API", { inbox: 2 });
  const { id } = people.answers(2, "Hello");
  assert.deepEqual(whyOf(await api("PATCH", "conversations/1/messages/1", { status: "read" })), [403, "Message status update is only allowed for API inboxes"]);
  assert.equal((await api("PATCH", `conversations/2/messages/${id}`, { status: "failed", external_error: "No" })).said.content_attributes.external_error, "No");
  assert.equal((await api("PATCH", `conversations/2/messages/${id}`, { status: "lost" })).status, 422);
  assert.equal((await api("PATCH", "conversations/2/messages/1", { status: "read" })).status, 404);
  const { said } = await api("DELETE", "conversations/1/messages/1");
  assert.deepEqual([said.content, said.content_attributes], ["This message was deleted", { deleted: true }]);
});

test("chatwoot_changes_states_and_gives_who_opens_it_as_an_agent_the_conversation", async () => {
  const { chatwoot, api } = await threaded();
  const toggle = async (json, token) => (await api("POST", "conversations/1/toggle_status", json, token)).said.payload;
  assert.equal((await toggle({})).current_status, "resolved");
  assert.equal((await toggle({ status: "open" })).success, true);
  assert.equal(chatwoot.conversations[0].assignee_id, null);
  const until = Math.floor(Date.now() / 1000) + 3600;
  assert.deepEqual(await toggle({ status: "snoozed", snoozed_until: until }), { success: true, conversation_id: 1, current_status: "snoozed", snoozed_until: new Date(until * 1000).toISOString() });
  assert.equal((await toggle({ status: "open" }, chatwoot.agentToken)).snoozed_until, null);
  assert.equal(chatwoot.conversations[0].assignee_id, chatwoot.users[1].id);
  assert.equal((await api("POST", "conversations/1/toggle_status", { status: "closed" })).status, 500);
  assert.equal((await api("POST", "conversations/1/toggle_status", { state: "open" })).status, 422);
});

test("chatwoot_assigns_labels_and_replaces_attributes", async () => {
  const { chatwoot, api } = await threaded();
  const assign = (json) => api("POST", "conversations/1/assignments", json);
  const bob = chatwoot.users[1];
  assert.equal((await assign({ assignee_id: bob.id })).said.email, bob.email);
  assert.equal((await api("GET", "conversations/1")).said.meta.assignee.email, bob.email);
  assert.equal((await assign({ assignee_id: 99 })).said, null);
  assert.equal(chatwoot.conversations[0].assignee_id, null);
  assert.equal((await assign({ team_id: 1 })).said.name, "sales");
  assert.deepEqual((await api("POST", "conversations/1/labels", { labels: ["vip", "new"] })).said, { payload: ["vip", "new"] });
  assert.deepEqual((await api("POST", "conversations/1/labels", { labels: ["old"] })).said, { payload: ["old"] });
  assert.equal((await api("POST", "conversations/1/labels", { labels: "old" })).status, 422);
  const put = (custom_attributes) => api("POST", "conversations/1/custom_attributes", { custom_attributes });
  await put({ krayin_lead_id: "4", plan: "pro" });
  assert.deepEqual((await put({ plan: "free" })).said, { custom_attributes: { plan: "free" } });
  assert.equal((await api("POST", "conversations/1/toggle_priority", { priority: "urgent" })).status, 200);
  assert.equal((await api("GET", "conversations/1")).said.priority, "urgent");
  assert.equal((await api("POST", "conversations/1/toggle_priority", { priority: "now" })).status, 500);
});

test("chatwoot_begins_conversations_of_contacts", async () => {
  const { chatwoot, api, ada } = await threaded();
  const create = (json) => api("POST", "conversations", json);
  const { status, said } = await create({ contact_id: ada.id, inbox_id: 2, source_id: "s-1", status: "pending", custom_attributes: { a: 1 }, message: { content: "Hello" } });
  assert.deepEqual([status, said.id, said.status, said.custom_attributes, said.messages[0].content], [200, 2, "pending", { a: 1 }, "Hello"]);
  assert.equal((await create({ source_id: "s-1" })).said.inbox_id, 2);
  assert.equal((await create({ source_id: "unknown" })).status, 404);
  const before = chatwoot.conversations.length;
  assert.equal((await create({ contact_id: ada.id, inbox_id: 1, message: { content: "" } })).status, 422);
  assert.equal(chatwoot.conversations.length, before);
});

test("chatwoot_closes_the_window_for_answers_after_a_day_where_the_channel_has_one", async () => {
  const { chatwoot, api, people } = await threaded();
  people.writes(people.arrives({ inbox: 3, phone_number: "+15550111" }), "Hi", { inbox: 3 });
  const canReply = async (id) => (await api("GET", `conversations/${id}`)).said.can_reply;
  assert.deepEqual([await canReply(1), await canReply(2)], [true, true]);
  chatwoot.advance(86_400_000);
  assert.deepEqual([await canReply(1), await canReply(2)], [true, false]);
});
