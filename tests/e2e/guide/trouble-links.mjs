// What sources of CRM links send that nobody should, against scripts/dev: bodies that are too large, that never end or are
// not what they say, redirects to where nobody may look. What there was is searched on, people are told, and the Worker
// reads no more than it takes.

import assert from "node:assert/strict";
import { startLinks } from "../../fakes/links.mjs";
import { factsOf } from "../../fakes/links/data.mjs";
import { startServer } from "../../fakes/lib/server.mjs";
import { signIn } from "../../fakes/tieline.mjs";
import { callsAt, guided, until } from "./lib/guide.mjs";

const COUNT = 12;
const MIB = 1024 * 1024;
/** The largest body that is read, and what may be under way behind it when it is let go. */
const READ = 16 * MIB;
const UNDER_WAY = 48 * MIB;

const elsewhere = [];
const [source, other] = [await startLinks({ count: COUNT }), await startServer({ answer: ({ headers }) => void elsewhere.push(headers) ?? [] })];
const soon = (what, condition) => until(what, condition, 60_000, 250);

/** What the next request is answered with, and what the link is to say of it. */
const TROUBLES = [
  ["401", {}, /401 Unauthorized/],
  ["404", {}, /404 Not Found/],
  ["429", {}, /429 Too Many Requests/],
  ["429", { retryAfter: "2.5" }, /429 Too Many Requests/],
  ["500", {}, /500 Server Error/],
  ["html", {}, /web page/],
  ["empty", {}, /without a body/],
  ["gzip", {}, /broken|broke off/],
  ["truncated", {}, /broke off/],
  ["reset", {}, /could not be reached|broke off/],
  ["nested", { levels: 10_000 }, /deep/],
  ["big", { megabytes: 200 }, /larger than 16 MiB/],
  ["many", { records: 1_000_000 }, /more than 50,000 records/],
  ["slow", {}, /took longer than 20 seconds/],
  ["redirect", { to: "http://169.254.169.254/latest/meta-data/" }, /may not be called/],
  ["redirect", { to: `${other.base}/api/customers` }, /keys are sent nowhere/],
];

await guided({ fakes: [source, other], vars: {} }, async (tieline) => {
  const headers = await signIn(tieline);
  const dashboard = callsAt(`${tieline.base_url}/api/dashboard/`, headers);
  const { key, client } = source.keys.plain;
  const { crm_link: link } = await dashboard("crm-links", "POST", {
    page_id: "trouble", channels: ["web"], name: "Internal CRM", url: `${source.base}/api/customers`, type: "api", is_active: true,
    headers: { "X-API-Key": key, "X-Client-ID": client },
  });
  const linkNow = async () => (await dashboard(`crm-links/${link.id}`)).crm_link;
  let last;
  const fetched = () => soon("the fetch", async () => {
    const now = await linkNow();
    if (!now.last_fetch || now.last_fetch.at === last?.at) return undefined;
    last = now.last_fetch;
    return now;
  });
  const refreshed = async () => {
    await dashboard(`crm-links/${link.id}/refresh`, "POST", {});
    return fetched();
  };
  assert.deepEqual([(await fetched()).state, last.records], ["fresh", COUNT], JSON.stringify(last));
  const { email, id } = factsOf(source.list("customers")[0]);
  const found = async () => (await dashboard("rag/search", "POST", { query: email, k: 3 })).results[0]?.record_key;
  assert.equal(await found(), id);

  for (const [kind, more, said] of TROUBLES) {
    source.reset();
    // More than one, since a long list is read by several invocations.
    const end = source.fail("plain", kind, { ...more, times: 10 });
    const { state } = await refreshed();
    end();
    assert.equal(state, "failing", `${kind}: ${JSON.stringify(last)}`);
    assert.match(last.error ?? "", said, kind);
    assert.ok(!last.error.includes(key), "no key is told");
    assert.equal(await found(), id, `${kind}: what there was is searched on`);
    assert.ok(source.streamed <= READ + UNDER_WAY, `${kind}: ${Math.round(source.streamed / MIB)} MiB were sent`);
  }
  assert.deepEqual(elsewhere, [], "nobody else was asked");

  // A page that has nothing for a minute, and then all again.
  source.reset();
  source.shrink("customers", 10);
  assert.equal((await refreshed()).state, "suspect_shrink", JSON.stringify(last));
  assert.equal(await found(), id);
  const secrets = [key, client].filter((secret) => tieline.log().includes(secret));
  assert.deepEqual(secrets, [], "no secret in the log");
});
