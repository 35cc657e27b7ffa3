// CRM links, as the fake keeps them. A fetch that is asked for has ended when the link is read for the second time.

import { ago, fresh, missing, pageOf, refused, uuid } from "../lib/dashboard-world.mjs";

const fetched = (minutes, more = {}) => ({ at: ago(minutes), status: "ok", records: 412, changed: 3, removed: 1, masked: 2, bytes: 96_120, ms: 1840, ...more });
const linkOf = (more) => ({ page_id: "123456789", type: "api", channels: ["facebook", "messenger"], api_key: "***", headers: {}, description: "", is_active: true, state: "fresh", schedule_minutes: 30, auth: { type: "bearer" }, fields: {}, identity: {}, last_fetch: fetched(12), next_fetch_at: ago(-18), created_at: ago(9000), updated_at: ago(9000), ...more });

export const crmLinksOf = (text) => {
  const failure = text("401 Unauthorized: Invalid token. Check that the API key is valid.");
  return {
    linkFetches: new Map(),
    documents: Array.from({ length: 30 }, (_, n) => ({ id: String(n), link_id: uuid(91), link_name: text("Customer database"), url: "https://api.crm.example/customers", record_key: text(`cust-${n}`), path: `customers[${n}]`, content: `customers[${n}].name: ${text("John Doe")}\ncustomers[${n}].support_level: Gold`, is_owned: n % 2 === 0, status: "searchable", fetched_at: ago(12), hash: "04f9aa7d62cc87afe52c8a6bb5db07e4" })),
    crmLinks: [
      linkOf({ id: uuid(91), name: text("Customer database"), url: "https://api.crm.example/customers", description: text("Main customer database"), fields: { exclude: ["notes"], rename: { tier: "Support level" } } }),
      linkOf({ id: uuid(92), name: text("Orders"), url: "https://shop.example/orders", state: "failing", channels: ["whatsapp"], auth: { type: "oauth2", grant: "authorization_code", client_id: "tieline", token_url: "https://login.crm.example/token", authorize_url: "https://login.crm.example/authorize" }, redirect_uri: "https://tieline.example/oauth/callback/crm-links/1", last_fetch: fetched(5, { status: "failed", records: 0, changed: 0, removed: 0, error: failure }) }),
      linkOf({ id: uuid(93), name: text("Prices"), url: "file:prices.csv", type: "file", state: "suspect_shrink", file: { name: "prices.csv", size: 42_000, uploaded_at: ago(90) }, last_fetch: fetched(3, { status: "suspect_shrink", records: 4 }) }),
    ],
  };
};

const found = (world, id) => world.crmLinks.find((one) => one.id === id) ?? (() => { throw missing("CRM link"); })();
const placed = (world, body) => world.crmLinks.find((one) => one.page_id === body.page_id && one.url === body.url) ?? (() => { throw missing("CRM link"); })();
const shown = ({ api_key, ...link }) => ({ ...link, ...(api_key && { api_key: "***" }) });

export const CRM_LINKS = {
  crm_link_all({ world }) {
    const links = world.crmLinks.map(shown);
    const on = links.filter((one) => one.is_active).length;
    const isFor = (channel) => links.filter((one) => one.channels.includes(channel));
    const page = { page_id: "123456789", page_name: world.text("Fjord & Fell page"), facebook_crm_links: isFor("facebook"), messenger_crm_links: isFor("messenger"), other_crm_links: links.filter((one) => !one.channels.some((name) => ["facebook", "messenger"].includes(name))), legacy_crm_links: [], total_active: on, total_inactive: links.length - on };
    return { json: { company_id: world.business.id, company_name: world.business.name, pages_data: links.length ? [page] : [], total_pages: links.length ? 1 : 0, total_crm_links: links.length, total_active: on, total_inactive: links.length - on } };
  },
  crm_link_health: ({ world }) => ({ json: {
    links: world.crmLinks.map((link) => ({ id: link.id, name: link.name, page_id: link.page_id, state: link.state, failing_since: null, failures: 0, error: link.last_fetch?.error ?? null, next_fetch_at: link.next_fetch_at, stale_seconds: 60, embedding_backlog: 0, fetches: link.last_fetch ? [link.last_fetch, fetched(60)] : [] })),
    fresh: 1, in_trouble: 2, embedding: { searched_model: "static128", next_model: null, backlog: 0, error: null, failing_since: null, questions: { error: null, failing_since: null, rests_until: null } },
  } }),
  crm_link_get({ world, params }) {
    const link = found(world, params.id);
    const asks = world.linkFetches.get(link.id);
    if (asks === 1) Object.assign(link, { state: "fresh", last_fetch: fetched(0, { records: 413, changed: 1, removed: 0 }) });
    if (asks > 0) world.linkFetches.set(link.id, asks - 1);
    return { json: { crm_link: shown(link) } };
  },
  crm_link_add({ world, body }) {
    if (world.crmLinks.some((one) => one.page_id === body.page_id && one.url === body.url)) throw refused(409, "already_exists", "This page has a link to this URL.");
    if (body.url.startsWith("http:")) throw refused(422, "invalid_request", "`url` must be https.", [{ path: "url", rule: "https" }]);
    const link = linkOf({ id: fresh(), state: "new", last_fetch: null, ...body, api_key: body.api_key ?? null });
    world.crmLinks.push(link);
    return { status: 201, json: { message: "CRM link added successfully", crm_link: shown(link), channels: link.channels, page_id: link.page_id, ...(link.type === "webhook" && { signing_secret: "whsec_c2VjcmV0" }) } };
  },
  crm_link_update({ world, params, body }) {
    const link = Object.assign(found(world, params.id), body);
    return { json: { crm_link: shown(link) } };
  },
  crm_link_status({ world, body }) {
    const link = Object.assign(placed(world, body), { is_active: body.is_active, state: body.is_active ? "fresh" : "inactive" });
    return { json: { message: "CRM link status updated successfully", updated_count: 1, url: link.url, channels: link.channels, is_active: link.is_active } };
  },
  crm_link_delete({ world, body }) {
    const link = placed(world, body);
    world.crmLinks.splice(world.crmLinks.indexOf(link), 1);
    return { json: { message: "CRM link deleted successfully", deleted_count: link.channels.length, url: link.url, channels: link.channels } };
  },
  crm_link_preview({ world, body }) {
    const nothing = { records: [], looked_at: 0, has_more_pages: false, fields: [], masked: 0, owners: { everyone: 0, known: 0, unknown: 0 } };
    if (body.url.includes("refused")) return { json: { ...nothing, error: world.text("401 Unauthorized. Check the key.") } };
    const field = (path, example, more) => ({ path, example: world.text(example), kind: "text", filled: 1, masked: 0, is_taken: true, ...more });
    return { json: {
      format: "json", looked_at: 1, has_more_pages: true, masked: 1, owners: { everyone: 0, known: 1, unknown: 0 }, fields: [field("name", "John Doe"), field("password", "***", { masked: 1 })],
      records: [{ key: "cust-123", path: "customers[0]", title: world.text("John Doe"), text: `customers[0].name: ${world.text("John Doe")}\ncustomers[0].password: ***`, problems: ["owner_unknown"] }],
    } };
  },
  crm_link_refresh({ world, params }) {
    const link = found(world, params.id);
    world.linkFetches.set(link.id, 2);
    return { status: 202, json: { crm_link: shown(link) } };
  },
  crm_link_authorize: ({ world, params }) => ({ json: { authorize_url: `https://login.crm.example/authorize?state=${found(world, params.id).id}`, redirect_uri: "https://tieline.example/oauth/callback/crm-links/1", expires_at: ago(-10) } }),
  document_list({ world, query }) {
    const { documents, next_cursor } = pageOf(world.documents.filter((one) => one.link_id === query.link_id), query, "documents");
    return { json: { documents, page_id: query.page_id, source: "crm", total: world.documents.filter((one) => one.link_id === query.link_id).length, next_cursor } };
  },
  knowledge_search({ world, body }) {
    if (body.customer && !/^[0-9a-f-]{36}$/.test(body.customer)) throw refused(422, "invalid_request", "`customer` is no id.", [{ path: "customer", rule: "uuid" }]);
    const hits = body.query.includes("nothing") ? [] : world.documents.slice(0, body.k ?? 10);
    return { json: { results: hits.map(({ link_id, link_name, record_key, path, content, fetched_at }, at) => ({ link_id, link_name, record_key, path, text: content, score: 0.91 - at / 50, fetched_at })), total: hits.length, degraded: body.query.includes("degraded") } };
  },
  crm_link_file_put({ world, params, body, query }) {
    const link = Object.assign(found(world, params.id), { state: "new", file: { name: query.name, size: body.length, uploaded_at: ago(0) } });
    return { json: { crm_link: shown(link) } };
  },
};
