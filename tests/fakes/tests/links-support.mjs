// What the tests of the fakes of CRM links share.

import { KEYS } from "../links.mjs";
import { bearer, calling } from "./support.mjs";

const basic = (user, password) => ({ authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` });

/** Headers that each vendor takes. */
export const AUTH = {
  shopify: { "x-shopify-access-token": KEYS.shopify },
  hubspot: bearer(KEYS.hubspot),
  zendesk: basic(`${KEYS.zendesk.email}/token`, KEYS.zendesk.token),
  stripe: bearer(KEYS.stripe),
  woocommerce: basic(KEYS.woocommerce.key, KEYS.woocommerce.secret),
  pipedrive: { "x-api-token": KEYS.pipedrive },
  plain: { "x-api-key": KEYS.plain.key, "x-client-id": KEYS.plain.client },
};
/** A list of each. */
export const LISTS = {
  shopify: "/admin/api/2024-01/customers.json",
  hubspot: "/crm/v3/objects/contacts",
  zendesk: "/api/v2/tickets?page[size]=100",
  stripe: "/v1/customers",
  woocommerce: "/wp-json/wc/v3/customers",
  pipedrive: "/v1/persons",
  plain: "/api/customers",
};

/** A GET with a vendor's headers; `path` may be a whole address. */
export const get = (links, vendor, path = LISTS[vendor], headers = AUTH[vendor]) => calling(path.startsWith("http") ? path : links.base + path, { method: "GET", headers });

/** A token of Salesforce's, as headers. */
export async function salesforceToken(links, form = {}) {
  const answer = await calling(`${links.base}/services/oauth2/token`, { form: { grant_type: "client_credentials", client_id: KEYS.salesforce.id, client_secret: KEYS.salesforce.secret, ...form } });
  return { ...answer, auth: bearer(answer.said.access_token) };
}

/** The address with rel="next" of a Link header. */
export const nextOf = (headers) => /<([^>]+)>;\s*rel="next"/.exec(headers.get("link") ?? "")?.[1];

/** Follows pages: `read(answer)` gives { items, next }. Gives all items. */
export async function walked(first, fetchPage, read, most = 50) {
  const all = [];
  let pages = 0;
  for (let at = first; at !== undefined && at !== null; ) {
    const { items, next } = read(await fetchPage(at));
    all.push(...items);
    at = next;
    if ((pages += 1) >= most) throw new Error(`more than ${most} pages`);
  }
  return { all, pages };
}
