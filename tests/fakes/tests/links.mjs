// Each vendor of CRM links: its pages from the first to the last, its limits, and what it refuses.

import assert from "node:assert/strict";
import test, { before } from "node:test";
import { KEYS, startLinks } from "../links.mjs";
import { AUTH, get, LISTS, nextOf, salesforceToken, walked } from "./links-support.mjs";
import { answersEach, bearer, calling, up } from "./support.mjs";

let links;
before(async () => {
  links = await up(startLinks({ count: 253, limits: { stripe: { most: 1000 } } }));
});
const keys = (shape, key = "id") => links.list(shape).map((record) => record[key]);
const status = (answer) => answer.status;

test("a list is refused without a key, with a wrong one, and with somebody else's", async () => {
  for (const vendor of Object.keys(LISTS)) {
    for (const headers of [{}, bearer("wrong"), vendor === "stripe" ? AUTH.hubspot : AUTH.stripe]) {
      const answer = await get(links, vendor, LISTS[vendor], headers);
      assert.equal(answer.status, 401, `${vendor} with ${JSON.stringify(headers)}: ${JSON.stringify(answer.said)}`);
    }
  }
});

test("a parameter that a vendor does not describe is refused", async () => {
  for (const vendor of Object.keys(LISTS)) {
    const path = LISTS[vendor];
    const answer = await get(links, vendor, `${path}${path.includes("?") ? "&" : "?"}surprise=1`);
    assert.equal(answer.status, 400, `${vendor}: ${JSON.stringify(answer.said)}`);
  }
});

test("a list takes nothing but GET", async () => {
  for (const vendor of Object.keys(LISTS)) {
    const answer = await calling(links.base + LISTS[vendor], { method: "DELETE", headers: AUTH[vendor] });
    assert.ok([404, 405].includes(answer.status), `${vendor}: ${answer.status}`);
  }
});

test("Shopify's pages are followed by Link, and page_info stands alone", async () => {
  const fetchPage = (path) => get(links, "shopify", path);
  const read = ({ said, headers }) => ({ items: said.customers, next: nextOf(headers) });
  const { all, pages } = await walked("/admin/api/2024-01/customers.json?limit=100", fetchPage, read);
  assert.deepEqual([all.map(({ id }) => id), pages], [keys("shopify_customers"), 3]);
  const first = await get(links, "shopify", "/admin/api/2024-01/orders.json?limit=100&status=any");
  const next = nextOf(first.headers);
  assert.equal((await get(links, "shopify", next)).said.orders[0].id, links.list("shopify_orders")[100].id);
  const beside = await get(links, "shopify", `${next}&status=any`);
  assert.equal(beside.status, 400);
  assert.match(beside.said.errors.status, /cannot be passed when page_info is present/);
  const orders = "/admin/api/2024-01/orders.json";
  await answersEach((path) => get(links, "shopify", path), status, [
    ["limit of 251", 400, `${orders}?limit=251`],
    ["a made-up page_info", 400, `${orders}?page_info=abc`],
    ["a page_info of customers", 400, `${orders}?page_info=${new URL(nextOf((await get(links, "shopify")).headers)).searchParams.get("page_info")}`],
    ["no version", 404, "/admin/api/2024-02/orders.json"],
    ["another list", 404, "/admin/api/2024-01/gift_cards.json"],
  ]);
  const some = await get(links, "shopify", "/admin/api/2024-01/customers.json?fields=id,email&limit=1");
  assert.deepEqual(Object.keys(some.said.customers[0]), ["id", "email"]);
});

test("Shopify's bucket holds 40 and leaks two a second", async () => {
  let at = 0;
  const own = await up(startLinks({ count: 3, now: () => at }));
  const fills = [];
  for (let request = 0; request < 40; request += 1) fills.push((await get(own, "shopify")).headers.get("x-shopify-shop-api-call-limit"));
  assert.deepEqual([fills[0], fills.at(-1)], ["1/40", "40/40"]);
  const late = await get(own, "shopify");
  assert.deepEqual([late.status, late.headers.get("retry-after")], [429, "2.0"]);
  assert.match(late.said.errors, /Exceeded 2 calls per second/);
  at += 1000;
  assert.deepEqual([(await get(own, "shopify")).status, (await get(own, "shopify")).status, (await get(own, "shopify")).status], [200, 200, 429]);
});

test("Shopify's GraphQL goes on at endCursor, and tells errors with 200", async () => {
  const query = (text, variables) => calling(`${links.base}/admin/api/2024-01/graphql.json`, { headers: AUTH.shopify, json: { query: text, variables } });
  const list = "query($after: String) { customers(first: 100, after: $after) { nodes { id email phone note } pageInfo { hasNextPage endCursor } } }";
  const read = ({ said }) => ({ items: said.data.customers.nodes, next: said.data.customers.pageInfo.hasNextPage ? said.data.customers.pageInfo.endCursor : undefined });
  const { all } = await walked("", (after) => query(list, { after: after || null }), read);
  assert.deepEqual(all.map(({ id }) => id), keys("shopify_customers", "admin_graphql_api_id"));
  const edges = await query('{ orders(first: 2) { edges { cursor node { name } } } }');
  assert.deepEqual(edges.said.data.orders.edges.map(({ node }) => node.name), ["#1001", "#1002"]);
  const again = await query(`{ orders(first: 1, after: "${edges.said.data.orders.edges[0].cursor}") { nodes { name } } }`);
  assert.equal(again.said.data.orders.nodes[0].name, "#1002");
  const wrong = async (text) => {
    const { status: code, said } = await query(text);
    return [code, said.data, said.errors[0].extensions.code];
  };
  assert.deepEqual(await wrong("{ customers(first: 251) { nodes { id } } }"), [200, undefined, "BAD_REQUEST"]);
  assert.deepEqual(await wrong("{ customers(first: 1) { nodes { surprise } } }"), [200, undefined, "undefinedField"]);
  assert.deepEqual(await wrong("{ customers(first: 1, surprise: 2) { nodes { id } } }"), [200, undefined, "argumentNotAccepted"]);
  assert.deepEqual(await wrong("mutation { customerDelete { id } }"), [200, undefined, "ACCESS_DENIED"]);
  assert.deepEqual(await wrong('{ customers(first: 1, after: "\\x") { nodes { id } } }'), [200, undefined, "undefined"]);
  assert.deepEqual(await wrong("{ customers(first: 1 { nodes { id } } }"), [200, undefined, "undefined"]);
});

test("Shopify's GraphQL is throttled by cost", async () => {
  let at = 0;
  const own = await up(startLinks({ count: 300, now: () => at }));
  const list = () => calling(`${own.base}/admin/api/2024-01/graphql.json`, { headers: AUTH.shopify, json: { query: "{ customers(first: 250) { nodes { id } } }" } });
  const answers = [await list(), await list(), await list(), await list()];
  assert.deepEqual(answers.map(({ said }) => said.errors?.[0].extensions.code), [undefined, undefined, undefined, "THROTTLED"]);
  const { cost } = answers[3].said.extensions;
  assert.deepEqual([answers[3].status, answers[3].said.data, cost.requestedQueryCost, cost.actualQueryCost, cost.throttleStatus.restoreRate], [200, undefined, 252, null, 50]);
  at += 1000 * Math.ceil((cost.requestedQueryCost - cost.throttleStatus.currentlyAvailable) / cost.throttleStatus.restoreRate);
  assert.equal((await list()).said.errors, undefined);
});

test("HubSpot's pages are followed by paging.next, with the properties asked for", async () => {
  const read = ({ said }) => ({ items: said.results, next: said.paging?.next.link });
  const { all, pages } = await walked("/crm/v3/objects/contacts?limit=100&properties=phone,message", (path) => get(links, "hubspot", path), read);
  assert.deepEqual([all.map(({ id }) => id), pages], [keys("hubspot_contacts"), 3]);
  assert.equal(all[7].properties.phone, links.list("hubspot_contacts")[7].properties.phone);
  const plain = (await get(links, "hubspot")).said;
  assert.deepEqual([plain.results.length, plain.paging.next.after, plain.results[0].properties.phone], [10, "10", undefined]);
  const unknown = (await get(links, "hubspot", `${LISTS.hubspot}?properties=shoe_size`)).said;
  assert.equal(unknown.results[0].properties.shoe_size, null);
  const tooMany = await get(links, "hubspot", `${LISTS.hubspot}?limit=101`);
  assert.deepEqual([tooMany.status, tooMany.said.category], [400, "VALIDATION_ERROR"]);
});

test("HubSpot names the limit that was reached", async () => {
  let at = 0;
  const own = await up(startLinks({ count: 3, now: () => at, limits: { hubspot: { most: 2, millis: 10_000, daily: 3 } } }));
  const policies = [];
  for (let request = 0; request < 3; request += 1) policies.push((await get(own, "hubspot")).said.policyName);
  at += 10_001;
  for (let request = 0; request < 2; request += 1) policies.push((await get(own, "hubspot")).said.policyName);
  assert.deepEqual(policies, [undefined, undefined, "SECONDLY", undefined, "DAILY"]);
});

test("Salesforce gives tokens to clients, and the rest of a query at nextRecordsUrl", async () => {
  const { said: token, auth } = await salesforceToken(links);
  assert.deepEqual([token.token_type, token.instance_url, token.expires_in], ["Bearer", links.base, undefined]);
  const fetchPage = (path) => get(links, "salesforce", path, { ...auth, "sforce-query-options": "batchSize=200" });
  const read = ({ said }) => ({ items: said.records, next: said.nextRecordsUrl });
  const { all, pages } = await walked(`/services/data/v60.0/query?q=${encodeURIComponent("SELECT Id, Name, Email FROM Contact")}`, fetchPage, read);
  assert.deepEqual([all.map(({ Id }) => Id), pages], [keys("salesforce_contacts", "Id"), 2]);
  assert.deepEqual(Object.keys(all[0]), ["attributes", "Id", "Name", "Email"]);
  const query = (soql) => get(links, "salesforce", `/services/data/v60.0/query?q=${encodeURIComponent(soql)}`, auth);
  await answersEach(query, ({ status: code, said }) => [code, said[0]?.errorCode], [
    ["an unknown field", [400, "INVALID_FIELD"], "SELECT Id, Shoe FROM Contact"],
    ["an unknown object", [400, "INVALID_TYPE"], "SELECT Id FROM Shoe"],
    ["no query", [400, "MALFORMED_QUERY"], "DELETE Contact"],
  ]);
  await answersEach((form) => salesforceToken(links, form), ({ status: code, said }) => [code, said.error], [
    ["a wrong id", [400, "invalid_client_id"], { client_id: "x" }],
    ["a wrong secret", [400, "invalid_client"], { client_secret: "x" }],
    ["another grant", [400, "unsupported_grant_type"], { grant_type: "password" }],
  ]);
});

test("a token of Salesforce's runs out in the middle of a query's pages", async () => {
  let at = 0;
  const own = await up(startLinks({ count: 450, now: () => at, limits: { salesforce: { page: 200, tokenMillis: 1000 } } }));
  const { auth } = await salesforceToken(own);
  const first = await get(own, "salesforce", "/services/data/v60.0/query?q=SELECT+Id+FROM+Contact", auth);
  at += 1000;
  const late = await get(own, "salesforce", first.said.nextRecordsUrl, auth);
  assert.deepEqual([late.status, late.said[0].errorCode], [401, "INVALID_SESSION_ID"]);
  const { auth: fresh } = await salesforceToken(own);
  assert.equal((await get(own, "salesforce", first.said.nextRecordsUrl, fresh)).said.records.length, 200);
});

test("Zendesk's pages are followed by links.next until has_more is false", async () => {
  const read = ({ said }) => ({ items: said.tickets, next: said.meta.has_more ? said.links.next : undefined });
  const { all, pages } = await walked(LISTS.zendesk, (path) => get(links, "zendesk", path), read);
  assert.deepEqual([all.map(({ id }) => id), pages], [keys("zendesk_tickets"), 3]);
  const offset = await get(links, "zendesk", "/api/v2/tickets.json?page=3");
  assert.deepEqual([offset.said.tickets.length, offset.said.next_page, offset.said.count], [53, null, 253]);
  assert.equal((await get(links, "zendesk", "/api/v2/tickets?page[size]=101")).status, 400);
  const own = await up(startLinks({ count: 3, now: () => 0, limits: { zendesk: { most: 1 } } }));
  await get(own, "zendesk");
  const late = await get(own, "zendesk");
  assert.deepEqual([late.status, late.headers.get("retry-after"), late.headers.get("x-rate-limit-remaining")], [429, "60", "0"]);
});

test("Stripe's pages go on after the last id", async () => {
  const read = ({ said }) => ({ items: said.data, next: said.has_more ? `/v1/customers?limit=100&starting_after=${said.data.at(-1).id}` : undefined });
  const { all, pages } = await walked("/v1/customers?limit=100", (path) => get(links, "stripe", path), read);
  assert.deepEqual([all.map(({ id }) => id), pages], [keys("stripe_customers"), 3]);
  await answersEach((query) => get(links, "stripe", `/v1/customers?${query}`), ({ status: code, said }) => [code, said.error.param, said.error.code], [
    ["limit of 101", [400, "limit", undefined], "limit=101"],
    ["limit of 0", [400, "limit", undefined], "limit=0"],
    ["somebody else", [400, "starting_after", "resource_missing"], "starting_after=cus_nobody"],
    ["a page", [400, "page", "parameter_unknown"], "page=2"],
  ]);
});

test("WooCommerce counts pages in headers, and takes its key in the query, too", async () => {
  const read = ({ said, headers }) => ({ items: said, next: nextOf(headers) });
  const { all, pages } = await walked(`${LISTS.woocommerce}?per_page=100`, (path) => get(links, "woocommerce", path), read);
  assert.deepEqual([all.map(({ id }) => id), pages], [keys("woocommerce_customers"), 3]);
  const byQuery = await get(links, "woocommerce", `${LISTS.woocommerce}?consumer_key=${KEYS.woocommerce.key}&consumer_secret=${KEYS.woocommerce.secret}&page=99`, {});
  assert.deepEqual([byQuery.said, byQuery.headers.get("x-wp-total"), byQuery.headers.get("x-wp-totalpages")], [[], "253", "26"]);
  const tooMany = await get(links, "woocommerce", `${LISTS.woocommerce}?per_page=101`);
  assert.deepEqual([tooMany.status, tooMany.said.code], [400, "rest_invalid_param"]);
});

test("Pipedrive's pages go on at next_start", async () => {
  const read = ({ said }) => {
    const { pagination } = said.additional_data;
    return { items: said.data, next: pagination.more_items_in_collection ? `/v1/persons?limit=100&start=${pagination.next_start}` : undefined };
  };
  const { all, pages } = await walked("/v1/persons?limit=100", (path) => get(links, "pipedrive", path), read);
  assert.deepEqual([all.map(({ id }) => id), pages], [keys("pipedrive_persons"), 3]);
  const beyond = await get(links, "pipedrive", `/api/v1/persons?start=900&limit=999&api_token=${KEYS.pipedrive}`, {});
  assert.deepEqual([beyond.said.data, beyond.said.additional_data.pagination.limit], [null, 500]);
});

test("a company's CRM answers as the guide prints, by GET and by POST", async () => {
  const { said } = await get(links, "plain");
  assert.deepEqual(Object.keys(said), ["customers"]);
  const fields = Object.keys(said.customers[0]);
  assert.ok(["id", "name", "email", "subscription", "support_level"].every((name) => fields.includes(name)), String(fields));
  const pages = await walked("/api/products?page=1&per_page=100", (path) => get(links, "plain", path), ({ said: page }) => ({ items: page.products, next: page.page < page.total_pages ? `/api/products?page=${page.page + 1}&per_page=100` : undefined }));
  const search = (cursor) => calling(`${links.base}/api/products/search`, { headers: AUTH.plain, json: { limit: 100, ...(cursor && { cursor }) } });
  const cursors = await walked("", search, ({ said: page }) => ({ items: page.products, next: page.next_cursor ?? undefined }));
  assert.deepEqual(pages.all, cursors.all);
  assert.equal(pages.all.length, 253);
});

test("what did not change is answered with 304", async () => {
  const own = await up(startLinks({ count: 20 }));
  const { headers } = await get(own, "plain");
  const again = (more) => get(own, "plain", LISTS.plain, { ...AUTH.plain, ...more });
  const tag = { "if-none-match": headers.get("etag") };
  const since = { "if-modified-since": headers.get("last-modified") };
  assert.deepEqual([(await again(tag)).status, (await again(since)).status], [304, 304]);
  own.change("customers");
  assert.deepEqual([(await again(tag)).status, (await again({ ...tag, ...since })).status], [200, 200]);
});

test("files are as tools write them, and public ones need no key", async () => {
  const read = async (ending, headers = {}) => (await get(links, "plain", `/public/customers.${ending}`, headers)).said;
  const excel = await fetch(`${links.base}/public/customers.excel.csv`).then((response) => response.arrayBuffer());
  assert.deepEqual([...new Uint8Array(excel).slice(0, 3)], [0xef, 0xbb, 0xbf]);
  assert.match(Buffer.from(excel).toString(), /id;name;email;.*\r\n/);
  assert.equal((await read("csv")).split("\n")[0], "id,name,email,phone,subscription,support_level,address.street,address.city,address.postcode,notes");
  assert.equal((await read("jsonl")).trim().split("\n").length, 253);
  const { id } = links.list("customers")[0];
  assert.match(await read("xml"), new RegExp(`^<\\?xml[^]*<customer>\\s*<id>${id}</id>`));
  assert.match(await read("md"), new RegExp(`\\*\\*id\\*\\*: ${id}`));
  assert.match(await read("html"), /<script>/);
  assert.match(await read("tsv"), /^id\tname/);
  assert.match(await read("txt"), /^id: /);
  assert.equal((await get(links, "plain", "/files/customers.csv", {})).status, 401);
});
