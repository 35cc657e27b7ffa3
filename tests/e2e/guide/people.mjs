// People on the real stack: sign-in by link, cookie and CSRF token; what each role may, of all operations; that a member
// assigns a conversation to another in the inbox, which an endpoint hears; and that a changed role and a removal are felt
// by who is signed in.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startCrm } from "../../fakes/crm.mjs";
import { startGraph } from "../../fakes/graph.mjs";
import { call, connect, startTieline } from "../../fakes/tieline.mjs";
import { until } from "./lib/guide.mjs";

const ROLES = ["viewer", "agent", "admin", "owner"];
const NOBODY_HERE = "00000000-0000-4000-8000-000000000000";

const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
const [graph, crm] = [await startGraph(), await startCrm()];
const tieline = await startTieline(state, { GRAPH_API_BASE: graph.base });
const base = tieline.base_url;

/** The answer, whatever its status. */
async function asked(method, place, headers = {}, body) {
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const response = await fetch(base + place, { method, headers: { ...type, ...headers }, body: body && JSON.stringify(body) });
  const text = await response.text();
  const json = text.startsWith("{") ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, text, json, code: json.code };
}

const linkToken = ({ sign_in_url: link }) => new URL(link).hash.slice(1);
const complete = (token, headers) => asked("POST", "/api/dashboard/sign-in/complete", headers, { token });

/** Signs in as the holder of a link; gives the cookie, and both headers of what writes. */
async function browser(token) {
  const answer = await complete(token, { "sec-fetch-site": "same-origin" });
  assert.equal(answer.status, 200, answer.text);
  const given = answer.headers.get("set-cookie");
  for (const part of ["__Host-tieline=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"]) assert.ok(given.includes(part), given);
  const cookie = { cookie: given.split(";")[0] };
  const me = await call(`${base}/api/dashboard/me`, { headers: cookie });
  return { me, cookie, both: { ...cookie, "x-csrf-token": me.csrf_token } };
}

/** Every operation, with the least role that its description names. */
async function described() {
  const { paths } = await call(`${base}/openapi.json`);
  return Object.entries(paths).flatMap(([place, methods]) => Object.entries(methods).map(([method, operation]) => ({
    name: operation.operationId,
    method: method.toUpperCase(),
    place: place.replaceAll(/\{\w+\}/g, NOBODY_HERE),
    least: operation["x-required-role"],
  })));
}

/** Calls each operation without what it needs: what matters is whether the caller passed. */
async function everyOperationAs(role, headers, operations) {
  const wrong = [];
  for (const { name, method, place, least } of operations) {
    const { status, code } = await asked(method, place, headers);
    assert.notEqual(status, 429, `${name}: the test itself met a limit`);
    const may = role !== undefined && least !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(least);
    const expected = may ? ![401, 403].includes(status) : status === (role === undefined || least === undefined ? 401 : 403);
    if (!expected) wrong.push(`${name} as ${role ?? "nobody"}: ${status} ${code}`);
  }
  assert.deepEqual(wrong, []);
}

/** Calls of the inbox that a member opens. */
async function inboxOf({ both }) {
  const { token } = await call(`${base}/api/dashboard/inbox-session`, { method: "POST", headers: both });
  return (method, place, body) => asked(method, `/embed/api/${place}`, { authorization: `Bearer ${token}` }, body);
}

/** An agent assigns a conversation to an admin. Nobody assigns to a viewer, and no viewer to anybody. */
async function assigns({ agent, admin, viewer }) {
  await graph.receive("353871234567", { type: "text", text: { body: "Who looks after me?" } });
  const [asAgent, asAdmin, asViewer] = [await inboxOf(agent), await inboxOf(admin), await inboxOf(viewer)];
  const { id } = await until("the conversation", async () => (await asAgent("GET", "conversations?unassigned=true")).json.conversations[0]);
  const { assignees } = (await asAgent("GET", "assignees")).json;
  assert.deepEqual(assignees.map(({ email }) => email), ["admin@fjord.example", "agent@fjord.example", "owner@demo.example", "owner@fjord.example"]);
  const to = (ask, member) => ask("PATCH", "conversation", { conversation_id: id, assignee: member && member.id });
  assert.equal((await to(asViewer, admin.member)).code, "insufficient_scope");
  assert.equal((await to(asAgent, viewer.member)).json.details[0].rule, "answering_member");
  const given = await to(asAgent, admin.member);
  assert.equal(given.json.conversation?.assignee, admin.member.email, given.text);
  const heard = await crm.until("the assignment", (events) => events.find(({ event }) => event === "conversation.assigned"));
  assert.deepEqual([heard.data.conversation_id, heard.data.assignee, heard.data.previous_assignee], [id, admin.member.email, null]);
  assert.equal(heard.data.conversation.assignee, admin.member.email);
  const listed = async (query) => (await asAdmin("GET", `conversations?${query}`)).json.conversations.map((one) => one.id);
  assert.deepEqual([await listed(`assignee=${admin.member.id}`), await listed("unassigned=true")], [[id], []]);
  await to(asAdmin, null);
  const taken = await crm.until("that it is nobody's", (events) => events.find(({ event, data }) => event === "conversation.assigned" && data.assignee === null));
  assert.equal(taken.data.previous_assignee, admin.member.email);
}

try {
  const { headers: session } = await connect(tieline, graph, crm, ["conversation.assigned"]);
  const invite = (role) => call(`${base}/api/dashboard/members`, { method: "POST", headers: session, body: { email: `${role}@fjord.example`, name: role, role } });

  const people = {};
  for (const role of ROLES) {
    const invited = await invite(role);
    const token = linkToken(invited);
    assert.equal((await complete(token, { "sec-fetch-site": "cross-site" })).code, "invalid_csrf_token", "a link that another site posts");
    people[role] = { ...await browser(token), member: invited.member };
    assert.equal(people[role].me.role, role);
    assert.equal((await complete(token)).status, 401, "a link that was used");
  }
  assert.equal((await complete("tls_00000000_nothing")).status, 401, "a link that was never given");

  // Neither anonymous nor platform operations: those of CRMs and of the dashboard.
  const operations = (await described()).filter(({ least }) => least !== undefined);
  assert.ok(operations.length > 100, `${operations.length} operations`);
  await everyOperationAs(undefined, {}, operations);
  for (const role of ROLES) await everyOperationAs(role, people[role].both, operations);
  const platform = (await described()).filter(({ place }) => place.startsWith("/api/operator/"));
  await everyOperationAs("owner", people.owner.both, platform);

  await assigns(people);

  // What writes needs the token of its own session.
  const rename = (headers) => asked("PATCH", `/api/dashboard/members/${people.viewer.member.id}`, headers, { name: "Vera" });
  assert.equal((await rename(people.admin.cookie)).code, "invalid_csrf_token");
  assert.equal((await rename({ ...people.admin.cookie, "x-csrf-token": people.owner.me.csrf_token })).code, "invalid_csrf_token");
  assert.equal((await rename(people.admin.both)).status, 200);

  // A changed role and a removal, while signed in.
  const of = ({ member }) => `${base}/api/dashboard/members/${member.id}`;
  const invites = (headers, email) => asked("POST", "/api/dashboard/members", headers, { email, name: "New", role: "viewer" });
  assert.equal((await invites(people.admin.both, "one@fjord.example")).status, 201);
  await call(of(people.admin), { method: "PATCH", headers: session, body: { role: "agent" } });
  assert.equal((await invites(people.admin.both, "two@fjord.example")).code, "insufficient_scope");
  await call(of(people.agent), { method: "DELETE", headers: session });
  assert.equal((await asked("GET", "/api/dashboard/me", people.agent.cookie)).status, 401);

  const { entries } = await call(`${base}/api/dashboard/audit?operation=member_update`, { headers: session });
  assert.ok(entries.some(({ member_id: by, target }) => by === people.admin.member.id && target === people.viewer.member.id), JSON.stringify(entries));
} catch (error) {
  console.error(tieline.log().split("\n").filter((line) => !line.includes('"level":"info"')).slice(-20).join("\n"));
  throw error;
} finally {
  await tieline.stop();
  for (const fake of [graph, crm]) fake.stop();
  rmSync(state, { recursive: true, force: true });
}
