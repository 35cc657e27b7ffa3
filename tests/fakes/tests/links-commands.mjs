// What a test can have the fakes of CRM links do: fail, change their records, lead elsewhere; and what they count.

import assert from "node:assert/strict";
import test from "node:test";
import { KEYS, startLinks } from "../links.mjs";
import { AUTH, get, LISTS, nextOf, salesforceToken } from "./links-support.mjs";
import { bearer, calling, up } from "./support.mjs";

const started = (options) => up(startLinks({ count: 60, ...options }));
const byId = (list) => new Map(list.map((record, at) => [record.id, { at, text: JSON.stringify(record) }]));

test("each vendor fails as it fails, for so many requests", async () => {
  const links = await started();
  for (const vendor of Object.keys(LISTS)) {
    for (const kind of ["401", "404", "429", "500"]) {
      links.fail(vendor, kind, { times: 2 });
      const answers = [await get(links, vendor), await get(links, vendor), await get(links, vendor)];
      assert.deepEqual(answers.map(({ status }) => status), [Number(kind), Number(kind), 200], `${vendor} ${kind}`);
    }
  }
});

test("Salesforce tells too many requests with 403, and gives tokens all the while", async () => {
  const links = await started();
  links.fail("salesforce", "429");
  const { auth, status } = await salesforceToken(links);
  const answer = await get(links, "salesforce", "/services/data/v60.0/query?q=SELECT+Id+FROM+Contact", auth);
  assert.deepEqual([status, answer.status, answer.said[0].errorCode], [200, 403, "REQUEST_LIMIT_EXCEEDED"]);
  links.expireTokens();
  assert.equal((await get(links, "salesforce", "/services/data/v60.0/query?q=SELECT+Id+FROM+Contact", auth)).status, 401);
});

test("Salesforce takes a code once, and its refresh token until it is revoked", async () => {
  const links = await started();
  const code = links.authorize();
  const first = await salesforceToken(links, { grant_type: "authorization_code", code });
  const again = { grant_type: "refresh_token", refresh_token: first.said.refresh_token };
  const refreshed = await salesforceToken(links, again);
  assert.equal((await get(links, "salesforce", "/services/data/v60.0/query?q=SELECT+Id+FROM+Contact", refreshed.auth)).status, 200);
  assert.equal((await salesforceToken(links, { grant_type: "authorization_code", code })).said.error, "invalid_grant");
  links.revoke();
  assert.deepEqual([refreshed.said.refresh_token, (await salesforceToken(links, again)).said.error], [undefined, "invalid_grant"]);
});

test("Retry-After is sent as it was commanded, or not at all", async () => {
  const links = await started();
  for (const given of [undefined, "2.0", "30", "Wed, 21 Oct 2026 07:28:00 GMT"]) {
    links.fail("hubspot", "429", { retryAfter: given, policy: "DAILY" });
    const { headers, said } = await get(links, "hubspot");
    assert.deepEqual([headers.get("retry-after"), said.policyName], [given ?? null, "DAILY"]);
  }
});

test("answers are broken in every way", async () => {
  const links = await started();
  const said = async (kind, more) => {
    links.fail("plain", kind, more);
    return get(links, "plain");
  };
  assert.match((await said("html")).said, /^<!doctype html>/);
  assert.equal((await said("empty")).said, "");
  const { customers: [big] } = (await said("big", { megabytes: 3 })).said;
  assert.equal(big.notes.length, 3 * 1024 * 1024);
  assert.equal((await said("many", { records: 25_000 })).said.length, 25_000);
  links.fail("plain", "nested", { levels: 5000 });
  const deep = await fetch(links.base + LISTS.plain, { headers: AUTH.plain }).then((response) => response.text());
  assert.equal(deep.split('{"a":').length, 5001);
  const moved = await said("redirect", { to: "http://169.254.169.254/", status: 307 });
  assert.deepEqual([moved.status, moved.headers.get("location")], [307, "http://169.254.169.254/"]);
  const cut = await said("gzip");
  assert.deepEqual([cut.headers.get("content-encoding"), typeof cut.said], ["gzip", "string"], "half of an answer was taken for JSON");
  await assert.rejects(said("reset"));
  assert.throws(() => links.fail("plain", "surprise"), /unknown failure/);
  assert.throws(() => links.fail("nobody", "500"), /unknown vendor/);
});

test("waiting for a caller who takes a large body slowly leaves nothing behind that listens", async () => {
  const links = await started();
  const warned = [];
  const warns = (warning) => warned.push(warning.message);
  process.on("warning", warns);
  links.fail("plain", "big", { megabytes: 40 });
  const { body } = await fetch(links.base + LISTS.plain, { headers: AUTH.plain });
  let taken = 0;
  for await (const piece of body) {
    taken += piece.length;
    await new Promise(setImmediate);
  }
  process.off("warning", warns);
  assert.deepEqual([taken > 40 * 1024 * 1024, warned], [true, []]);
});

test("a body that is made while it is sent is sent no further than it is taken", async () => {
  const links = await started();
  for (const [kind, more] of [["big", { megabytes: 200 }], ["slow", {}]]) {
    links.reset();
    links.fail("plain", kind, more);
    const { body } = await fetch(links.base + LISTS.plain, { headers: AUTH.plain });
    const reader = body.getReader();
    assert.ok((await reader.read()).value.length > 0, kind);
    await reader.cancel();
    assert.ok(links.streamed > 0 && links.streamed < 50 * 1024 * 1024, `${kind}: ${links.streamed}`);
  }
});

test("a request that hangs gets no answer until the caller gives up", async () => {
  const links = await started();
  links.fail("plain", "hang");
  await assert.rejects(fetch(links.base + LISTS.plain, { headers: AUTH.plain, signal: AbortSignal.timeout(50) }), { name: "TimeoutError" });
  assert.equal((await get(links, "plain")).status, 200);
});

test("the next day 25 changed, 6 are new, 6 are gone, and all others stand elsewhere", async () => {
  for (const count of [60, 61, 300]) {
    const links = await started({ count });
    const before = byId((await get(links, "plain")).said.customers);
    const { changed, added, removed } = links.nextDay("customers");
    const after = byId((await get(links, "plain")).said.customers);
    assert.deepEqual([changed.length, added.length, removed.length, after.size], [25, 6, 6, count]);
    const stayed = [...after.keys()].filter((id) => before.has(id));
    assert.deepEqual(stayed.filter((id) => before.get(id).text !== after.get(id).text).sort(), changed.slice().sort());
    assert.deepEqual(stayed.filter((id) => before.get(id).at === after.get(id).at), []);
    assert.ok(removed.every((id) => before.has(id) && !after.has(id)) && added.every((id) => after.has(id) && !before.has(id)));
  }
});

test("records change, get another owner, come and go", async () => {
  const links = await started();
  const [{ id, notes }] = links.list("customers");
  links.change("customers", [id]);
  assert.notEqual(links.list("customers")[0].notes, notes);
  links.set("customers", id, { email: "new.owner@example.com" });
  assert.equal((await get(links, "plain")).said.customers[0].email, "new.owner@example.com");
  links.remove("customers", [id]);
  const [fresh] = links.add("customers", 1);
  assert.deepEqual([links.list("customers")[0].id, links.list("customers").length], [fresh, 60]);
  links.resize("customers", 1000);
  assert.equal(new Set(links.list("customers").map((record) => record.id)).size, 1000);
  assert.throws(() => links.change("customers", ["nobody"]), /not all of/);
});

test("a list shrinks for a minute", async () => {
  let at = 0;
  const links = await started({ now: () => at });
  links.shrink("customers", 40);
  assert.equal((await get(links, "plain")).said.customers.length, 24);
  at += 60_000;
  assert.equal((await get(links, "plain")).said.customers.length, 60);
});

test("records can be odd", async () => {
  const links = await started();
  const seen = async (kind) => {
    links.oddity("customers", kind);
    return (await get(links, "plain")).said.customers;
  };
  assert.ok((await seen("no-ids")).every((record) => !("id" in record)));
  const [first, second] = await seen("same-id");
  assert.ok(first.id === second.id && first.name !== second.name);
  assert.match((await seen("date-ids"))[3].id, /^2026-01-04T/);
  assert.ok("bad\u0000key" in (await seen("control-keys"))[0]);
  assert.equal((await seen(undefined))[0].id, "cust-10000");
});

test("next links lead to another host, which sees whether a key came along", async () => {
  const links = await started();
  const other = await started();
  links.nextHost(other.base);
  for (const [vendor, path, next] of [
    ["shopify", LISTS.shopify, ({ headers }) => nextOf(headers)],
    ["hubspot", LISTS.hubspot, ({ said }) => said.paging.next.link],
    ["zendesk", "/api/v2/tickets?page[size]=10", ({ said }) => said.links.next],
    ["woocommerce", LISTS.woocommerce, ({ headers }) => nextOf(headers)],
  ]) {
    const link = next(await get(links, vendor, path));
    assert.ok(link.startsWith(`${other.base}/`), `${vendor}: ${link}`);
    await get(other, vendor, link, {});
  }
  assert.deepEqual([other.requests.length, other.requestsWith(KEYS.shopify).length, links.requestsWith(KEYS.shopify).length], [4, 0, 1]);
  await get(other, "zendesk", "/elsewhere", AUTH.zendesk);
  assert.deepEqual(other.requestsWith(KEYS.zendesk.token).map(({ path, status }) => [path, status]), [["/elsewhere", 404]]);
});

test("pages can go round in a circle", async () => {
  const links = await started();
  links.nextLoops();
  const ids = async (path) => (await get(links, "stripe", path)).said;
  const first = await ids("/v1/customers?limit=20");
  const second = await ids(`/v1/customers?limit=20&starting_after=${first.data.at(-1).id}`);
  assert.deepEqual([second.has_more, second.data], [true, first.data]);
  const shop = await get(links, "shopify");
  assert.equal(nextOf((await get(links, "shopify", nextOf(shop.headers))).headers), nextOf(shop.headers));
});

test("it is controlled from elsewhere by its control path, which is not counted", async () => {
  const links = await started();
  const control = (json) => calling(`${links.base}/_control`, { json });
  await control({ command: "fail", arguments: ["stripe", "429", { retryAfter: "2.0" }] });
  const answer = await get(links, "stripe", LISTS.stripe, bearer(KEYS.stripe));
  assert.deepEqual([answer.status, answer.headers.get("retry-after"), answer.said.error.code], [429, "2.0", "rate_limit"]);
  assert.equal((await control({ command: "remove", arguments: ["customers", 2] })).said.result.length, 2);
  assert.equal((await control({ command: "stop" })).status, 400);
  assert.deepEqual(links.requests.map(({ vendor, status, headers }) => [vendor, status, headers.authorization]), [["stripe", 429, `Bearer ${KEYS.stripe}`]]);
});
