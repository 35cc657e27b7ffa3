import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { ADA, listenedChatwoot, startedChatwoot, whyOf } from "./chatwoot-support.mjs";

const URL_OF_OURS = "https://us.example/hook";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const CONVERSATION_KEYS = [
  "additional_attributes", "can_reply", "channel", "contact_inbox", "id", "inbox_id", "messages", "labels", "meta", "status", "custom_attributes", "snoozed_until", "unread_count",
  "first_reply_created_at", "priority", "waiting_since", "agent_last_seen_at", "contact_last_seen_at", "last_activity_at", "timestamp", "created_at", "updated_at",
].sort();
const CONTACT_KEYS = ["account", "additional_attributes", "avatar", "custom_attributes", "email", "id", "identifier", "name", "phone_number", "thumbnail", "blocked"].sort();
const MESSAGE_KEYS = [
  "account", "additional_attributes", "content_attributes", "content_type", "content", "conversation", "created_at", "id", "inbox", "message_type", "private", "sender", "source_id",
].sort();
const keysOf = (body, ...without) => Object.keys(body).filter((name) => !["event", ...without].includes(name)).sort();
const changedKeys = ({ changed_attributes }) => changed_attributes.flatMap(Object.keys);

test("chatwoot_keeps_webhooks_with_a_secret_each", async () => {
  const { chatwoot, api } = await startedChatwoot();
  const create = (json) => api("POST", "webhooks", json);
  const { payload: { webhook } } = (await create({ url: URL_OF_OURS, name: "Tieline", subscriptions: ["message_created"] })).said;
  assert.deepEqual([webhook.url, webhook.name, webhook.subscriptions, webhook.account_id], [URL_OF_OURS, "Tieline", ["message_created"], 1]);
  assert.match(webhook.secret, /^[\w-]{24}$/);
  const usual = (await create({ webhook: { url: `${URL_OF_OURS}/2` } })).said.payload.webhook;
  assert.deepEqual([usual.subscriptions.length, usual.subscriptions.includes("conversation_typing_on"), usual.secret === webhook.secret], [8, false, false]);
  assert.deepEqual((await api("GET", "webhooks")).said.payload.webhooks, [webhook, usual]);
  for (const [json, why] of [
    [{ url: URL_OF_OURS }, ["url"]], [{}, ["url"]], [{ url: "ftp://us.example" }, ["url"]], [{ url: "us.example" }, ["url"]],
    [{ url: `${URL_OF_OURS}/3`, subscriptions: ["contact_deleted"] }, ["subscriptions"]], [{ url: `${URL_OF_OURS}/3`, subscriptions: [] }, ["subscriptions"]],
    [{ url: `${URL_OF_OURS}/3`, events: ["message_created"] }, 'Unexpected key "events" on param "webhook".'],
  ]) assert.deepEqual(whyOf(await create(json)), [422, why], JSON.stringify(json));
  assert.deepEqual(whyOf(await api("PATCH", `webhooks/${webhook.id}`, { url: `${URL_OF_OURS}/2` })), [422, ["url"]]);
  const changed = (await api("PATCH", `webhooks/${webhook.id}`, { url: URL_OF_OURS, subscriptions: ["contact_created"] })).said.payload.webhook;
  assert.deepEqual([changed.subscriptions, changed.secret], [["contact_created"], webhook.secret]);
  chatwoot.resetSecret(webhook.id);
  assert.notEqual((await api("GET", "webhooks")).said.payload.webhooks[0].secret, webhook.secret);
  assert.equal((await api("DELETE", `webhooks/${webhook.id}`)).status, 200);
  assert.equal((await api("DELETE", `webhooks/${webhook.id}`)).status, 404);
  const old = await startedChatwoot({ version: "4.10.1" });
  assert.deepEqual(Object.keys((await old.api("POST", "webhooks", { url: URL_OF_OURS })).said.payload.webhook), ["id", "name", "url", "account_id", "subscriptions"]);
});

test("chatwoot_signs_the_time_and_the_bytes_from_4_11_2_on", async () => {
  const { chatwoot, people, sink, webhook, events } = await listenedChatwoot();
  people.writes(people.arrives(ADA), "Grüße \u{1f600}");
  await events();
  const ids = sink.got.map(({ headers, raw }) => {
    assert.match(headers["content-type"], /^application\/json/);
    assert.equal(headers.accept, "application/json");
    const timestamp = headers["x-chatwoot-timestamp"];
    assert.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 5);
    assert.equal(headers["x-chatwoot-signature"], `sha256=${createHmac("sha256", webhook.secret).update(`${timestamp}.${raw}`).digest("hex")}`);
    assert.notEqual(headers["x-chatwoot-signature"], `sha256=${createHmac("sha256", webhook.secret).update(raw).digest("hex")}`);
    assert.match(headers["x-chatwoot-delivery"], UUID);
    return headers["x-chatwoot-delivery"];
  });
  assert.equal(new Set(ids).size, sink.got.length);
  chatwoot.advance(600_000);
  people.answers(1, "Later");
  await events();
  assert.ok(Number(sink.got.at(-1).headers["x-chatwoot-timestamp"]) > Date.now() / 1000 + 590);
  for (const [version, isSigned] of [["4.11.1", false], ["4.11.2", true]]) {
    const other = await listenedChatwoot({ version });
    other.people.arrives(ADA);
    await other.events();
    assert.deepEqual(["delivery", "timestamp", "signature"].map((name) => `x-chatwoot-${name}` in other.sink.got[0].headers), [isSigned, isSigned, isSigned], version);
  }
});

test("chatwoot_tells_of_a_new_visitor_of_the_conversation_and_of_the_message", async () => {
  const { people, events } = await listenedChatwoot();
  const visitor = people.arrives();
  people.writes(visitor, "Hello");
  const all = await events();
  assert.deepEqual(all.map(({ event }) => event).sort(), ["contact_created", "contact_updated", "conversation_created", "message_created"]);
  const of = (name) => all.find(({ event }) => event === name);
  const contact = of("contact_created");
  assert.deepEqual(keysOf(contact), CONTACT_KEYS);
  assert.match(contact.name, /^[a-z]+-[a-z]+-\d+$/);
  assert.deepEqual([contact.email, contact.phone_number, contact.account], [null, null, { id: 1, name: "Acme" }]);
  const conversation = of("conversation_created");
  assert.deepEqual(keysOf(conversation), CONVERSATION_KEYS);
  assert.deepEqual([conversation.id, conversation.channel, conversation.messages[0].content, conversation.messages[0].message_type], [1, "Channel::WebWidget", "Hello", 0]);
  assert.deepEqual([typeof conversation.created_at, Number.isInteger(conversation.created_at), typeof conversation.updated_at], ["number", true, "number"]);
  assert.deepEqual(Object.keys(conversation.contact_inbox), ["id", "contact_id", "inbox_id", "source_id", "created_at", "updated_at", "hmac_verified", "pubsub_token"]);
  const message = of("message_created");
  assert.deepEqual(keysOf(message), MESSAGE_KEYS);
  assert.deepEqual([message.message_type, message.private, message.inbox, message.created_at.length], ["incoming", false, { id: 1, name: "Website" }, 24]);
  assert.deepEqual(keysOf(message.sender), CONTACT_KEYS);
  assert.deepEqual([message.conversation.meta.sender.type, message.conversation.meta.sender.id], ["contact", visitor.id]);
  // No more than the time of the visit: nothing that a CRM should hear of.
  assert.deepEqual(changedKeys(of("contact_updated")), ["last_activity_at", "updated_at"]);
});

test("chatwoot_lists_what_changed_of_a_contact_as_objects_of_one_key", async () => {
  const { api, people, events } = await listenedChatwoot();
  const visitor = people.arrives();
  people.identifies(visitor, { name: "Ada", email: "ADA@example.org", phone_number: ADA.phone_number });
  const [{ changed_attributes, email }] = await events("contact_updated");
  assert.equal(email, "ada@example.org");
  assert.deepEqual(changed_attributes.find((one) => "email" in one), { email: { previous_value: null, current_value: "ada@example.org" } });
  assert.deepEqual(changed_attributes.map((one) => Object.keys(one).length), changed_attributes.map(() => 1));
  assert.ok(changed_attributes.some((one) => one.updated_at?.current_value.endsWith("Z")));
  await api("PATCH", `contacts/${visitor.id}`, { name: "Ada" });
  assert.equal((await events("contact_updated")).length, 1);
  // What we write ourselves comes back.
  await api("PATCH", `contacts/${visitor.id}`, { custom_attributes: { krayin_person_id: "3" } });
  assert.deepEqual(changedKeys((await events("contact_updated")).at(-1)), ["custom_attributes", "updated_at"]);
});

test("chatwoot_makes_one_of_a_visitor_and_who_is_known_and_tells_of_no_deletion", async () => {
  const { chatwoot, api, people, events } = await listenedChatwoot();
  const ada = people.arrives(ADA);
  const visitor = people.arrives();
  people.writes(visitor, "It is me");
  const before = (await events()).length;
  const left = people.identifies(visitor, { email: ADA.email, custom_attributes: {} });
  assert.deepEqual([left.id, chatwoot.contacts.length], [ada.id, 1]);
  assert.equal((await api("GET", `contacts/${visitor.id}`)).status, 404);
  const added = (await events()).slice(before);
  assert.deepEqual(added.map(({ event }) => event).filter((name) => name !== "contact_updated"), []);
  people.answers(1, "Hello Ada");
  assert.equal((await events("message_created")).at(-1).conversation.meta.sender.id, ada.id);
  const quiet = (await events()).length;
  people.deletesContact(ada);
  assert.equal((await events()).length, quiet);
});

test("chatwoot_tells_of_an_answer_with_its_agent_and_of_notes_too", async () => {
  const { chatwoot, api, people, events } = await listenedChatwoot();
  people.writes(people.arrives(ADA), "Hello");
  const [ann, bob] = chatwoot.users;
  people.answers(1, "Hi", { agent: bob, files: [{ filename: "a.png", type: "image/png", bytes: "x" }] });
  people.answers(1, "Just us", { agent: bob, isPrivate: true });
  await api("POST", "conversations/1/messages", { content: "From us", private: true, content_attributes: { tieline: "1" } });
  people.greets(1, "Welcome");
  const [, answer, note, ours, greeting] = (await events("message_created")).sort((a, b) => a.id - b.id);
  assert.deepEqual([answer.message_type, answer.sender], ["outgoing", { id: bob.id, name: bob.name, email: bob.email, type: "user" }]);
  assert.deepEqual(Object.keys(answer.attachments[0]), ["id", "message_id", "file_type", "account_id", "extension", "content_type", "data_url", "thumb_url", "file_size", "width", "height"]);
  assert.deepEqual([note.private, ours.private, ours.sender.id, ours.content_attributes], [true, true, ann.id, { tieline: "1" }]);
  assert.deepEqual([greeting.message_type, greeting.sender], ["template", null]);
  // The conversation shows the last public message, not a note.
  assert.notEqual(ours.conversation.messages[0].id, ours.id);
  const [update] = await events("conversation_updated");
  assert.deepEqual(changedKeys(update).sort(), ["first_reply_created_at", "updated_at", "waiting_since"]);
  assert.match(update.first_reply_created_at, /Z$/);
  assert.equal(update.waiting_since, 0);
});

test("chatwoot_tells_states_twice_and_does_not_say_what_changed", async () => {
  const { chatwoot, people, events } = await listenedChatwoot();
  people.writes(people.arrives(ADA), "Hello");
  people.resolves(1);
  people.reopens(1);
  people.snoozes(1, { until: Date.now() + 3_600_000 });
  people.writes(1, "Back");
  const states = await events("conversation_status_changed");
  assert.deepEqual(states.map(({ status }) => status).sort(), ["open", "open", "resolved", "snoozed"]);
  assert.deepEqual(states.map(({ changed_attributes }) => changed_attributes), [null, null, null, null]);
  assert.deepEqual(keysOf(states[0], "changed_attributes"), CONVERSATION_KEYS);
  const updates = (await events("conversation_updated")).filter((body) => changedKeys(body).includes("status"));
  assert.equal(updates.length, 4);
  assert.ok(updates.some(({ changed_attributes }) => changed_attributes.some(({ snoozed_until: until }) => until?.current_value?.endsWith("Z"))));
  assert.ok(chatwoot.messages.some(({ message_type }) => message_type === "activity"));
  assert.ok((await events("message_created")).every(({ message_type }) => message_type === "incoming"));
  chatwoot.tellsStatusChange = true;
  people.resolves(1);
  assert.deepEqual((await events("conversation_status_changed")).at(-1).changed_attributes, [{ status: { previous_value: "open", current_value: "resolved" } }]);
});

test("chatwoot_tells_since_when_somebody_waits", async () => {
  const { people, events } = await listenedChatwoot();
  const ada = people.arrives(ADA);
  people.writes(ada, "Hello");
  people.writes(ada, "Anybody?");
  // Who waits since the beginning waits no longer by writing again.
  assert.deepEqual(await events("conversation_updated"), []);
  people.answers(1, "Yes");
  people.writes(ada, "Good");
  people.resolves(1);
  const updates = await events("conversation_updated");
  const waits = updates.filter((body) => changedKeys(body).includes("waiting_since")).map(({ changed_attributes }) => changed_attributes.find((one) => one.waiting_since).waiting_since);
  assert.deepEqual(waits.map(({ current_value: value }) => value === null).sort(), [false, true]);
  // A resolved conversation waits for nobody, though its list of changes does not say so.
  const resolved = updates.find(({ status }) => status === "resolved");
  assert.deepEqual([resolved.waiting_since, changedKeys(resolved).includes("waiting_since")], [0, false]);
});

test("chatwoot_tells_assignments_without_an_email_and_labels_twice", async () => {
  const { chatwoot, people, events } = await listenedChatwoot();
  people.writes(people.arrives(ADA), "Hello");
  people.assigns(1, chatwoot.users[1]);
  const [assigned] = await events("conversation_updated");
  assert.deepEqual(Object.keys(assigned.meta.assignee), ["id", "name", "available_name", "avatar_url", "type", "availability_status", "thumbnail"]);
  assert.equal(assigned.meta.assignee_type, "User");
  people.labels(1, ["vip"]);
  const labelled = (await events("conversation_updated")).slice(1);
  assert.deepEqual(labelled.map(({ labels }) => labels), [["vip"], ["vip"]]);
  assert.deepEqual(labelled[0].changed_attributes[0], { label_list: { previous_value: [], current_value: ["vip"] } });
  people.prioritises(1, "high");
  assert.equal((await events("conversation_updated")).at(-1).priority, "high");
  const quiet = (await events()).length;
  people.prioritises(1, "high");
  assert.equal((await events()).length, quiet);
});

test("chatwoot_tells_of_changed_messages_and_of_the_rest", async () => {
  const { api, people, events } = await listenedChatwoot({ inboxEvents: true });
  const ada = people.arrives(ADA);
  people.opens(ada, { referer: "https://shop.example" });
  const [opened] = await events("webwidget_triggered");
  assert.deepEqual(Object.keys(opened), ["id", "contact", "inbox", "account", "current_conversation", "source_id", "event_info", "event"]);
  assert.equal(opened.current_conversation, null);
  const { id } = people.writes(ada, "Helo");
  people.edits(id, "Hello");
  people.reports(id, "read");
  await api("DELETE", `conversations/1/messages/${id}`);
  const updates = await events("message_updated");
  assert.equal(updates.length, 3);
  assert.deepEqual(keysOf(updates[0]), MESSAGE_KEYS);
  assert.deepEqual(updates.map(({ status }) => status), [undefined, undefined, undefined]);
  const deleted = updates.find(({ content_attributes }) => content_attributes.deleted);
  assert.equal(deleted.content, "This message was deleted");
  people.types(1);
  assert.deepEqual(Object.keys((await events("conversation_typing_on"))[0]), ["user", "conversation", "is_private", "event"]);
  people.makesInbox({ name: "Shop" });
  people.renamesInbox(1, "Site");
  assert.deepEqual(changedKeys((await events("inbox_updated"))[0]), ["name"]);
  const quiet = await listenedChatwoot();
  quiet.people.makesInbox({ name: "Shop" });
  assert.deepEqual(await quiet.events(), []);
});

test("chatwoot_differs_by_version", async () => {
  const one = async (version) => {
    const { people, events } = await listenedChatwoot({ version });
    people.writes(people.arrives(), "one\\\ntwo");
    const [body] = await events("message_created");
    return [body.content, "assignee_type" in body.conversation.meta];
  };
  assert.deepEqual(await one("4.3.0"), ["one\\\ntwo", false]);
  assert.deepEqual(await one("4.10.1"), ["one\\\ntwo", true]);
  assert.deepEqual(await one("4.17.1"), ["one\ntwo", true]);
});
