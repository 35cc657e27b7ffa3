import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, listenedChatwoot, startedChatwoot, statusOf, whyOf } from "./chatwoot-support.mjs";
import { answersEach } from "./support.mjs";

/** A thread in the widget, one on WhatsApp and one by email: conversations 1, 2 and 3 of one contact. */
async function threaded(started) {
  const ada = started.people.arrives(ADA);
  started.people.writes(ada, "in the widget");
  started.people.writes(ada, "on WhatsApp", { inbox: 3 });
  started.people.writes(ada, "by email", { inbox: 5 });
  const send = (json, id = 1) => started.api("POST", `conversations/${id}/messages`, json);
  return { ...started, ada, send };
}

test("chatwoot_renders_liquid_in_what_goes_out_and_nowhere_else", async () => {
  const { api, people, ada, send } = await threaded(await startedChatwoot());
  const said = async (content, more) => (await send({ content, ...more })).said.content;
  assert.equal(await said("Hi {{contact.first_name}} at {{ contact.email }}, {{agent.name}}!"), "Hi Ada at ada@example.org, Ann Admin!");
  assert.equal(await said("{{contact.nothing}}|{{ nobody.name }}|{{ 'text' }}|{{ 'ab' | upcase }}"), "||text|AB");
  assert.equal(await said("for us: {{contact.name}}", { private: true }), "for us: Ada Test");
  assert.equal(await said("code `{{contact.email}}` and ```\n{% x %}\n```"), "code `{{contact.email}}` and ```\n{% x %}\n```");
  // What Liquid refuses stays as it was, all of it.
  for (const broken of ["{{contact.name", "{{ contact.name }", "{% nonsense %} {{contact.name}}", "{`a` {{contact.name}}", "`{{`}} {{contact.name}}", "{% raw %}{%- endraw %} {{contact.name}}"]) assert.equal(await said(broken), broken);
  assert.equal(await said("`{% endraw %}{{contact.email}}` {{contact.name}}"), "`{% endraw %}{{contact.email}}` {{contact.name}}");
  assert.equal(await said("{{ '{' }}{ a }} {{ '{' }}% b %} {{ '%60' | url_decode }}"), "{{ a }} {% b %} `");
  assert.equal(people.writes(ada, "I say {{contact.name}}", { conversation: 1 }).content, "I say {{contact.name}}");
  assert.equal(people.answers(1, "By hand, {{contact.name}}").content, "By hand, Ada Test");
  assert.equal((await api("GET", "conversations/1/messages")).said.payload.at(-1).content, "By hand, Ada Test");
});

test("chatwoot_tells_webhooks_the_rendered_text", async () => {
  const { send, events } = await threaded(await listenedChatwoot());
  await send({ content: "Dear {{contact.name}}" });
  const told = (await events("message_created")).map(({ content }) => content);
  assert.ok(told.includes("Dear Ada Test"), told.join("|"));
});

test("chatwoot_never_sends_to_a_channel_what_has_a_source_id", async () => {
  const { chatwoot, send, people } = await threaded(await startedChatwoot());
  const reached = () => chatwoot.reached.splice(0).map(({ content }) => content);
  await send({ content: "plain" }, 2);
  assert.deepEqual(reached(), ["plain"]);
  const { status, said } = await send({ content: "marked", source_id: "ours-1" }, 2);
  assert.deepEqual([status, said.source_id, said.status], [200, "ours-1", "sent"]);
  assert.deepEqual(reached(), []);
  await send({ content: "private", private: true }, 2);
  people.writes(1, "incoming", { conversation: 2 });
  assert.deepEqual(reached(), []);
  // The widget shows whatever is stored.
  await send({ content: "in the widget", source_id: "ours-2" }, 1);
  people.greets(1, "Welcome");
  assert.deepEqual(reached(), ["in the widget", "Welcome"]);
});

test("chatwoot_keeps_the_attributes_of_content_that_it_was_given", async () => {
  const { api, send, events, people } = await threaded(await listenedChatwoot());
  const { said } = await send({ content: "Hi", content_attributes: { tieline: "m-1", in_reply_to: 1 } });
  const kept = { tieline: "m-1", in_reply_to: 1, in_reply_to_external_id: null };
  assert.deepEqual(said.content_attributes, kept);
  assert.deepEqual((await events("message_created")).find(({ id }) => id === said.id).content_attributes, kept);
  assert.deepEqual((await api("GET", "conversations/1/messages")).said.payload.at(-1).content_attributes, kept);
  assert.equal((await send({ content: "To another's", content_attributes: { in_reply_to: 2 } })).said.content_attributes.in_reply_to, null);
  people.writes(1, "with an id", { conversation: 2, sourceId: "wamid.1" });
  const answer = (await send({ content: "To it", content_attributes: { in_reply_to_external_id: "wamid.1" } }, 2)).said.content_attributes;
  assert.equal(answer.in_reply_to_external_id, "wamid.1");
  assert.equal(typeof answer.in_reply_to, "number");
  assert.deepEqual((await send({ content: "By a rule", content_attributes: { tieline: "m-2", automation_rule_id: 7 } })).said.content_attributes, { automation_rule_id: 7 });
  const mail = (await send({ content: "Dear {{contact.name}} <you>", content_attributes: { tieline: "m-3" }, cc_emails: "b@example.org" }, 3)).said.content_attributes;
  assert.deepEqual([mail.tieline, mail.cc_emails, mail.email.text_content.reply, mail.email.html_content.full], ["m-3", ["b@example.org"], "Dear Ada Test <you>", "<p>Dear Ada Test &lt;you&gt;</p>"]);
});

test("chatwoot_has_dashboard_apps_that_any_user_makes", async () => {
  const { chatwoot, api } = await startedChatwoot();
  const frame = (url, type = "frame") => ({ title: "CRM", content: [{ type, url }] });
  const { status, said } = await api("POST", "dashboard_apps", frame("https://tieline.example/embed/crm-card#token"), chatwoot.agentToken);
  assert.deepEqual([status, Object.keys(said), said.content], [200, ["id", "title", "content", "created_at"], [{ type: "frame", url: "https://tieline.example/embed/crm-card#token" }]]);
  assert.equal((await api("POST", "dashboard_apps", { dashboard_app: frame("http://plain.example") })).said.id, 2);
  assert.deepEqual((await api("GET", "dashboard_apps")).said.map(({ id, title }) => [id, title]), [[1, "CRM"], [2, "CRM"]]);
  await answersEach((json) => api("POST", "dashboard_apps", json), statusOf, [
    ["no URL", 422, frame("com")],
    ["another scheme", 422, frame("ftp://a.example")],
    ["another type", 422, frame("https://a.example", "dda")],
    ["nothing in it", 422, { title: "CRM", content: [] }],
    ["an unknown key", 422, { ...frame("https://a.example"), scope: "all" }],
    ["an unknown key of a frame", 422, { title: "CRM", content: [{ type: "frame", url: "https://a.example", height: 1 }] }],
    ["no title, which the column needs", 500, { content: frame("https://a.example").content }],
  ]);
  assert.deepEqual((await api("POST", "dashboard_apps", frame("com"))).said, { message: "Content : Invalid data", attributes: ["content"] });
  assert.equal((await api("PATCH", "dashboard_apps/2", { title: "Card" })).said.title, "Card");
  assert.equal((await api("DELETE", "dashboard_apps/1")).status, 204);
  assert.deepEqual(whyOf(await api("GET", "dashboard_apps/1")), [404, "Resource could not be found"]);
  assert.deepEqual(chatwoot.dashboardApps.map(({ title }) => title), ["Card"]);
  assert.deepEqual((await api("GET", "dashboard_apps", undefined, chatwoot.botToken)).status, 401);
});

test("chatwoot_sorts_conversations_with_what_has_no_value_last", async () => {
  const { chatwoot, api, people } = await startedChatwoot();
  for (let n = 0; n < 4; n += 1) {
    people.writes(people.arrives({ email: `s${n}@example.org` }), `Words ${n}`);
    chatwoot.advance(60_000);
  }
  people.prioritises(2, "urgent");
  people.prioritises(3, "low");
  people.answers(1, "An answer: nobody waits");
  const ids = async (query) => (await api("GET", `conversations?${query}`)).said.data?.payload.map(({ id }) => id);
  assert.deepEqual(await ids("sort_by=priority_desc"), [2, 3, 1, 4]);
  assert.deepEqual(await ids("sort_by=priority_asc"), [3, 2, 1, 4]);
  assert.deepEqual(await ids("sort_by=waiting_since_asc"), [2, 3, 4, 1]);
  assert.deepEqual(await ids("sort_by=waiting_since_desc"), [4, 3, 2, 1]);
  assert.deepEqual(await ids("sort_by=latest"), [1, 4, 3, 2]);
  assert.deepEqual(await ids("sort_by=sort_on_created_at"), [1, 2, 3, 4]);
  assert.equal((await api("GET", "conversations?sort_by=name_asc")).status, 422);
  assert.deepEqual(await ids("conversation_type=unattended&sort_by=created_at_asc"), [2, 3, 4]);
  assert.deepEqual(await ids("conversation_type=mention"), []);
  const { source_id: source } = chatwoot.contactInboxes[2];
  assert.deepEqual(await ids(`status=all&source_id=${source}`), [3]);
  assert.equal((await api("GET", "conversations?team_id=99")).status, 404);
});
