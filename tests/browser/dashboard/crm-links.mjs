// The pages of CRM links. Given the tools of dashboard.mjs.

import assert from "node:assert/strict";
import { uuid } from "../../fakes/lib/dashboard-world.mjs";

/** The pages, by the names of their pictures. */
export const CRM_LINK_PAGES = { "crm-links": "/dashboard/crm-links", "link-new": "/dashboard/crm-links/new", "crm-link": `/dashboard/crm-links/${uuid(92)}`, "crm-link-settings": `/dashboard/crm-links/${uuid(91)}/settings`, "crm-link-documents": `/dashboard/crm-links/${uuid(91)}/documents`, "crm-link-search": "/dashboard/crm-links/search#query=Gold&k=3" };

/** What needs no browser. */
export const crmLinkPure = (load) => ({
  async "a link's form says what the API takes, and a change only what changed"() {
    const { linkOf, changesOf } = await load("pages/crm-link-form.js");
    const values = { page_id: "1", name: "A", type: "api", url: "https://a.example", channels: ["web"], auth: "header", auth_name: "X-Key", api_key: "", headers: "X-A: b:c\n\n", schedule_minutes: 30, fields_include: " a.b \n\nc", fields_rename: "a.b = Tier = x", identity_public: false, description: "" };
    const link = linkOf(values);
    assert.deepEqual(link, { page_id: "1", name: "A", type: "api", url: "https://a.example", channels: ["web"], auth: { type: "header", name: "X-Key" }, headers: { "X-A": "b:c" }, schedule_minutes: 30, fields: { include: ["a.b", "c"], rename: { "a.b": "Tier = x" } } });
    assert.deepEqual(changesOf(link, linkOf({ ...values, name: "B", fields_include: "", fields_rename: "", headers: "" })), { name: "B", fields: {}, headers: null });
    assert.deepEqual(changesOf(link, linkOf(values)), {});
  },
});

export const crmLinkChecks = ({ open, text, shows, press, settled, asked, write }) => {
  const bodies = (stage, method, path) => asked(stage, method, path).map((one) => one.body && JSON.parse(one.body));
  return {
    async "CRM links are listed once each, found by words and state, and say what to do where there are none"(t) {
      await open(t, "/dashboard/crm-links", "viewer");
      assert.equal(await t.browser.run("return document.querySelectorAll('tbody tr').length"), 3);
      await write(t.browser, { state: "failing" });
      await settled(t.browser, "/dashboard/crm-links#state=failing");
      await t.browser.until("one is left", "return document.querySelectorAll('tbody tr').length === 1");
      await write(t.browser, { q: "nothing" });
      await shows(t.browser, "No link like that");
      const kept = t.stage.world.crmLinks.splice(0);
      await open(t, "/dashboard/crm-links", "viewer");
      await shows(t.browser, "No CRM is linked yet");
      t.stage.world.crmLinks.push(...kept);
      await press(t.browser, "Add a link");
      await shows(t.browser, "Only admins and owners may do this. You are a viewer.", "#toast");
    },
    async "a CRM link is previewed without being stored, then added, and errors stand at their fields"(t) {
      await open(t, "/dashboard/crm-links/new", "admin");
      await press(t.browser, "Add");
      await shows(t.browser, "This is missing.");
      await write(t.browser, { page_id: "123456789", name: "Policies", url: "https://refused.example/x", auth: "basic", channels: ["messenger", "web"] });
      await write(t.browser, { auth_username: "tieline", api_key: "s3cret", fields_mask: "password" });
      await press(t.browser, "Preview");
      await shows(t.browser, "401 Unauthorized. Check the key.");
      await write(t.browser, { url: "http://policies.example/x" });
      await press(t.browser, "Preview");
      await shows(t.browser, "customers[0].name: John Doe");
      await shows(t.browser, "Masked", "table[aria-label='Fields']");
      assert.equal(bodies(t.stage, "POST", "dashboard/crm-links").some((body) => body.name === "Policies" && !body.is_active), false);
      assert.equal(t.stage.world.crmLinks.some(({ name }) => name === "Policies"), false, "a preview stores nothing");
      await press(t.browser, "Add");
      await shows(t.browser, "`url` must be https.", ".field-error:not(:empty)");
      await write(t.browser, { url: "https://policies.example/x" });
      await press(t.browser, "Add");
      await shows(t.browser, "Nothing was fetched yet");
      assert.deepEqual(bodies(t.stage, "POST", "dashboard/crm-links").at(-1), { page_id: "123456789", name: "Policies", type: "api", url: "https://policies.example/x", channels: ["messenger", "web"], auth: { type: "basic", username: "tieline" }, api_key: "s3cret", schedule_minutes: 30, fields: { mask: ["password"] }, is_active: true });
      assert.ok(!(await text(t.browser)).includes("s3cret"));
      await open(t, "/dashboard/crm-links/new", "admin");
      await write(t.browser, { page_id: "123456789", name: "Pushed", type: "webhook", url: "https://crm.example" });
      await press(t.browser, "Add");
      await shows(t.browser, "whsec_c2VjcmV0", "dialog[open]");
      await press(t.browser, "I have stored it");
      await shows(t.browser, "/api/webhooks/crm-links/");
      await t.browser.complaints();
    },
    async "a CRM link is fetched now with progress, and a shrink is accepted only when somebody says so"(t) {
      await open(t, `/dashboard/crm-links/${uuid(91)}`, "admin");
      await press(t.browser, "Refresh now");
      await shows(t.browser, "The fetch is due…", ".progress");
      await shows(t.browser, "Fetched: 413 records, 1 changed, 0 removed.", "#toast");
      assert.deepEqual(bodies(t.stage, "POST", `dashboard/crm-links/${uuid(91)}/refresh`), [{}]);
      await open(t, `/dashboard/crm-links/${uuid(93)}`, "admin");
      await press(t.browser, "The records are gone…");
      await press(t.browser, "Fetch and remove");
      await shows(t.browser, "Fetched: 413 records", "#toast");
      assert.deepEqual(bodies(t.stage, "POST", `dashboard/crm-links/${uuid(93)}/refresh`), [{ accept_shrink: true }]);
      t.stage.fail(/POST .*refresh$/, 429, { message: "Too many fetches." });
      await settled(t.browser, `/dashboard/crm-links/${uuid(93)}`);
      await press(t.browser, "Refresh now");
      await shows(t.browser, "Too many fetches.", ".failure");
    },
    async "a CRM link is authorized in a tab of its own"(t) {
      await open(t, `/dashboard/crm-links/${uuid(92)}`, "admin");
      await shows(t.browser, "401 Unauthorized: Invalid token.", ".note.bad");
      await press(t.browser, "Authorize…");
      await shows(t.browser, "https://tieline.example/oauth/callback/crm-links/1", "dialog[open]");
      assert.deepEqual(await t.browser.run("const link = document.querySelector('dialog a'); return [link.href, link.target, link.rel]"), [`https://login.crm.example/authorize?state=${uuid(92)}`, "_blank", "noopener noreferrer"]);
    },
    async "a CRM link is changed by what changed alone, switched off, and removed with what that deletes"(t) {
      const at = `/dashboard/crm-links/${uuid(91)}`;
      const kept = structuredClone(t.stage.world.crmLinks.find(({ id }) => id === uuid(91)));
      await open(t, `${at}/settings`, "admin");
      await write(t.browser, { schedule_minutes: "60", fields_exclude: "" });
      await press(t.browser, "Save");
      await settled(t.browser, at);
      assert.deepEqual(bodies(t.stage, "PATCH", "dashboard/crm-links").at(-1), { schedule_minutes: 60, fields: { rename: { tier: "Support level" } } });
      await shows(t.browser, "1 h");
      await press(t.browser, "Switch off");
      await shows(t.browser, "The link is off.", "#toast");
      assert.deepEqual(bodies(t.stage, "PUT", "dashboard/crm-links/status").at(-1), { page_id: "123456789", url: "https://api.crm.example/customers", is_active: false });
      await press(t.browser, "Switch on");
      await shows(t.browser, "The link is on.", "#toast");
      await settled(t.browser, at);
      await press(t.browser, "Remove…");
      await shows(t.browser, "records that were fetched by it", "dialog[open]");
      await press(t.browser, "Remove");
      await settled(t.browser, "/dashboard/crm-links");
      assert.deepEqual(bodies(t.stage, "DELETE", "dashboard/crm-links").at(-1), { page_id: "123456789", url: "https://api.crm.example/customers" });
      assert.ok(!(await text(t.browser)).includes("https://api.crm.example/customers"));
      // Later checks open every page.
      t.stage.world.crmLinks.unshift(kept);
      await open(t, `/dashboard/crm-links/${uuid(92)}`, "agent");
      for (const name of ["Refresh now", "Authorize…", "Switch off", "Remove…"]) assert.equal(await t.browser.run("return [...document.querySelectorAll('main button')].find((one) => one.firstElementChild?.innerText === arguments[0])?.getAttribute('aria-disabled')", name), "true", name);
      await t.browser.complaints();
    },
    async "a link's documents page, and say for whom they are"(t) {
      await open(t, `/dashboard/crm-links/${uuid(91)}/documents`, "viewer");
      const rows = () => t.browser.run("return document.querySelectorAll('tbody tr').length");
      assert.equal(await rows(), 25);
      await shows(t.browser, "30 documents are searched.");
      await press(t.browser, "Show more");
      await t.browser.until("all are shown", "return document.querySelectorAll('tbody tr').length === 30");
      await t.browser.run("document.querySelector('tbody summary').click()");
      await shows(t.browser, "customers[0].support_level: Gold");
      await shows(t.browser, "One customer");
      await open(t, `/dashboard/crm-links/${uuid(92)}/documents`, "viewer");
      await shows(t.browser, "Nothing of this link is searched yet");
      await t.browser.complaints();
    },
    async "a question is tried on the links, shows scores and sources, and stands in the address"(t) {
      await open(t, "/dashboard/crm-links/search", "agent");
      await press(t.browser, "Search");
      await shows(t.browser, "This is missing.");
      await write(t.browser, { query: "Gold, degraded", channel: "messenger", k: "2", customer: "42" });
      await press(t.browser, "Search");
      await shows(t.browser, "`customer` is no id.", ".field-error:not(:empty)");
      await write(t.browser, { customer: "" });
      await press(t.browser, "Search");
      await shows(t.browser, "Score 0.91");
      await shows(t.browser, "Words alone decided");
      assert.equal(await t.browser.run("return document.querySelectorAll('ol > li').length"), 2);
      assert.deepEqual(bodies(t.stage, "POST", "dashboard/rag/search").at(-1), { query: "Gold, degraded", channel: "messenger", k: 2 });
      const address = await t.browser.run("return location.pathname + location.hash");
      await open(t, "/dashboard", "agent");
      await t.browser.driver.get(t.stage.origin + address);
      await shows(t.browser, "Score 0.89");
      await write(t.browser, { query: "nothing" });
      await press(t.browser, "Search");
      await shows(t.browser, "Nothing fits");
      await open(t, "/dashboard/crm-links/search#query=x", "viewer");
      await shows(t.browser, "Agents, admins and owners may do this. You are a viewer.");
      await t.browser.complaints();
    },
    async "a link's file is replaced as it is chosen"(t) {
      await open(t, `/dashboard/crm-links/${uuid(93)}`, "admin");
      await press(t.browser, "Upload");
      await shows(t.browser, "Choose a file first.", "#toast");
      await t.browser.run("const all = new DataTransfer(); all.items.add(new File(['sku,price\\nb-1,12\\n'], 'new.csv')); document.querySelector('input[type=file]').files = all.files;");
      await press(t.browser, "Upload");
      await shows(t.browser, "Uploaded. It is being read.", "#toast");
      const sent = asked(t.stage, "PUT", "dashboard/crm-links").find((one) => one.path.endsWith("/file"));
      assert.deepEqual([sent.query.name, sent.body], ["prices.csv", "sku,price\nb-1,12\n"]);
    },
  };
};
