// What the dashboard's pages do, in a browser over tests/fakes/dashboard.mjs, and the parts of them that need none.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { addCall } from "../fakes/lib/dashboard-settings.mjs";
import { HOSTILE } from "../fakes/lib/dashboard.mjs";
import { uuid } from "../fakes/lib/dashboard-world.mjs";
import { ALERT_PAGES, alertChecks } from "./dashboard/alerts.mjs";
import { ANALYTICS_PAGES, analyticsChecks, analyticsPure } from "./dashboard/analytics.mjs";
import { CRM_LINK_PAGES, crmLinkChecks, crmLinkPure } from "./dashboard/crm-links.mjs";
import { CUSTOMER_PAGES, customerChecks, customerPure } from "./dashboard/customers.mjs";
import { INTEGRATION_PAGES, integrationChecks, integrationHostile } from "./dashboard/integrations.mjs";
import { integrationPure } from "./dashboard/integrations-pure.mjs";
import { OPERATOR_PAGES, operatorChecks, operatorHostile, operatorPictures, operatorPure } from "./dashboard/operator.mjs";
import { SIGN_IN_PAGES, signInChecks } from "./dashboard/sign-in.mjs";
import { STATUS_PAGES, statusChecks } from "./dashboard/status.mjs";

const load = (name) => import(new URL(`../../shared/pages/assets/dashboard/${name}`, import.meta.url));
const HOOK = uuid(21);

/** Every page, by the name of its picture. */
export const PAGES = {
  start: "/dashboard", channels: "/dashboard/channels", connect: "/dashboard/channels/new", whatsapp: "/dashboard/channels/new/whatsapp", channel: `/dashboard/channels/${uuid(31)}`, email: `/dashboard/channels/${uuid(33)}`,
  webhooks: "/dashboard/webhooks", webhook: `/dashboard/webhooks/${HOOK}`, "webhook-settings": `/dashboard/webhooks/${uuid(22)}/settings`, verify: "/dashboard/webhooks/verify", keys: "/dashboard/api-keys", log: "/dashboard/api-log",
  members: "/dashboard/settings", sessions: "/dashboard/settings/sessions", inbox: "/dashboard/settings/inbox", retention: "/dashboard/settings/retention", quotas: "/dashboard/settings/quotas", audit: "/dashboard/settings/audit",
  ...SIGN_IN_PAGES,
  ...STATUS_PAGES,
  ...ANALYTICS_PAGES,
  ...CRM_LINK_PAGES,
  ...CUSTOMER_PAGES,
  ...INTEGRATION_PAGES,
  ...ALERT_PAGES,
  ...OPERATOR_PAGES,
};

export const dashboardPure = {
  ...analyticsPure(load),
  ...crmLinkPure(load),
  ...customerPure,
  ...integrationPure(load),
  ...operatorPure(load),
  async "after signing in, nothing but a page of the dashboard is shown"() {
    const { safeNext } = await load("address.js");
    const origin = "https://tieline.example";
    for (const good of ["/dashboard", "/dashboard/webhooks/7#status=failed"]) assert.equal(safeNext(good, origin), good);
    for (const bad of [
      null, "", "//evil.example/dashboard", "https://evil.example/dashboard", "/\\evil.example", "/dashboard\\..\\x", "javascript:alert(1)", "/dashboard/../api/x", "/dashboardx", "/embed/inbox", "/dashboard/sign-in", "/dashboard/assets/x", "/dashboard /x", "\t//evil.example", "/dashboard/%2e%2e/api",
    ]) assert.equal(safeNext(bad, origin), "/dashboard", String(bad));
  },
  async "a path has its page and what follows it, and filters stand behind the #"() {
    const { parted, pathOf, filtersOf, hashOf } = await load("address.js");
    assert.deepEqual(parted("/dashboard"), { page: "", rest: [] });
    assert.deepEqual(parted(pathOf("webhooks", "a/b <i>", "settings")), { page: "webhooks", rest: ["a/b <i>", "settings"] });
    assert.deepEqual(parted("/dashboard/%E0%A4%A"), { page: "%E0%A4%A", rest: [] });
    const filters = { q: "a b&c=d", status: "failed" };
    assert.deepEqual(filtersOf(hashOf({ ...filters, none: "" })), filters);
    assert.equal(hashOf({ none: "" }), "");
  },
  async "a role may do what those before it may, and is told what it may not"() {
    const { allows, reasonAgainst } = await load("api.js");
    assert.ok(allows("owner", "admin") && allows("admin", "admin") && !allows("agent", "admin") && !allows("nobody", "viewer"));
    assert.equal(reasonAgainst("admin", "admin"), null);
    assert.equal(reasonAgainst("agent", "owner"), "Only owners may do this. You are an agent.");
  },
  async "a signature is verified as receivers do it, and what went wrong is told"() {
    const { verified } = await load("signature.js");
    const [secret, id, timestamp, body] = ["whsec_c2VjcmV0LXNlY3JldA==", "evt_1", "1764000000", '{"event":"webhook.test","text":"é"}'];
    const plain = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
    const standard = `v1,${createHmac("sha256", Buffer.from("secret-secret")).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
    const now = 1_764_000_010_000;
    const check = (more) => verified({ secret, id, timestamp, body, signature: plain, ...more }, now);
    assert.deepEqual(await check({}), { ok: true, text: "The signature is right, and the timestamp is recent." });
    assert.ok((await check({ signature: plain.toUpperCase() })).ok);
    assert.ok((await check({ signature: standard })).ok);
    assert.ok((await check({ signature: `v1,AAAA ${standard}` })).ok, "one of two, during a rotation");
    assert.match((await check({ signature: standard, id: "" })).text, /webhook-id/);
    assert.match((await check({ body: `${body}\n` })).text, /line break at the end/);
    assert.match((await check({ body: JSON.stringify(JSON.parse(body), null, 2) })).text, /without its spaces/);
    assert.equal((await check({ secret: "whsec_other" })).ok, false);
    assert.equal((await check({ body: body.replace("é", "e") })).ok, false);
    assert.match((await check({ timestamp: "now" })).text, /Unix seconds/);
    assert.match((await verified({ secret, id, timestamp, body, signature: plain }, now + 900_000)).text, /910 seconds old/);
  },
  async "a cell of CSV runs no formula and breaks no row"() {
    const { csvOf } = await load("csv.js");
    assert.equal(csvOf(["a", "b"], [["=1+1", 'x "y", z'], ["-5", null], ["@x\ny", 0]]), "a,b\r\n'=1+1,\"x \"\"y\"\", z\"\r\n-5,\r\n\"'@x\ny\",0\r\n");
  },
  async "what is empty is not sent when a channel is connected"() {
    const { KINDS, bodyOf } = await load("pages/channel-kinds.js");
    const { fields } = KINDS.sms;
    assert.deepEqual(bodyOf(fields, { phone_number: "+1", account_sid: "", auth_token: "t", delete_media: false }), { phone_number: "+1", credentials: { auth_token: "t" }, delete_media: false });
  },
};

/** Opens a page as one who has this role. */
async function open({ stage, browser }, path = "/dashboard", role = "owner") {
  await browser.size(1280, 860);
  await browser.driver.get(stage.link(role, path));
  await settled(browser, path);
}

const settled = (browser, path) => browser.until(`${path} is shown`, "return location.pathname + location.hash === arguments[0] && document.getElementById('main').getAttribute('aria-busy') === 'false' && !document.querySelector('.list[aria-busy=\"true\"], .later[aria-busy=\"true\"]')", path);
export const text = (browser, selector = "main") => browser.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector);
export const shows = (browser, words, selector = "body") => browser.until(`"${words}" is shown`, "return (document.querySelector(arguments[1])?.innerText ?? '').includes(arguments[0])", words, selector);

/** Presses the button or link of this name; within a dialog where one is open. */
export async function press(browser, name, within = "main", tries = 3) {
  const found = await browser.until(`${name} can be pressed`, `
    const place = document.querySelector("dialog[open]:last-of-type") ?? document.querySelector(arguments[1]);
    return [...place.querySelectorAll("button, a")].find((one) => one.innerText.trim().split("\\n")[0] === arguments[0] || one.getAttribute("aria-label") === arguments[0])`, name, within);
  try {
    await browser.run("arguments[0].scrollIntoView({ block: 'center' })", found);
    await found.click();
  } catch (error) {
    // The page was just shown afresh.
    if (error.name !== "StaleElementReferenceError" || tries === 0) throw error;
    await press(browser, name, within, tries - 1);
  }
}

/** Writes into fields of the form that is open, by their names. */
export async function write(browser, values) {
  for (const [name, value] of Object.entries(values)) {
    await browser.until(`the field ${name}`, "return (document.querySelector('dialog[open]') ?? document).querySelector(`[name=\"${arguments[0]}\"]`)", name);
    await browser.run(`
      const [name, value] = arguments;
      for (const one of (document.querySelector("dialog[open]") ?? document).querySelectorAll(\`[name="\${name}"]\`)) {
        if (one.type === "checkbox") one.checked = Array.isArray(value) ? value.includes(one.value) : value;
        else one.value = value;
        one.dispatchEvent(new Event("input", { bubbles: true }));
        one.dispatchEvent(new Event("change", { bubbles: true }));
      }`, name, value);
  }
}

/** Holds a narrow page against what each has to have, in both directions. */
async function fits(browser, name) {
  const nameless = await browser.run(`return [...document.querySelectorAll("button, a, input, select, textarea")].filter((one) => one.checkVisibility({ visibilityProperty: true }) &&
    !(one.innerText.trim() || one.getAttribute("aria-label") || one.labels?.length)).map((one) => one.outerHTML.slice(0, 120))`);
  assert.deepEqual(nameless, [], name);
  assert.equal(await browser.run("return document.querySelectorAll('h1').length"), 1, name);
  for (const dir of ["rtl", "ltr"]) {
    const over = await browser.run("document.documentElement.dir = arguments[0]; return document.documentElement.scrollWidth - document.documentElement.clientWidth", dir);
    assert.ok(over <= 0, `${name}, ${dir}: ${over}px too wide`);
  }
}

const asked = (stage, method, path) => stage.requests().filter((one) => one.method === method && one.path.startsWith(`/api/${path}`));

export const dashboardChecks = {
  ...analyticsChecks({ open, text, shows, press, settled, asked, write }),
  ...crmLinkChecks({ open, text, shows, press, settled, asked, write }),
  ...signInChecks({ open, text, shows, press, settled, asked, write }),
  ...statusChecks({ open, text, shows, press, settled, asked }),
  ...integrationChecks({ open, text, shows, press, settled, asked, write }),
  ...customerChecks({ open, text, shows, press, settled, write, asked }),
  ...alertChecks({ open, text, shows, press, settled, write, asked }),
  ...operatorChecks({ open, text, shows, press, settled, write, asked, fits }),
  async "a link signs in once, leaves the address, and leads to where one wanted to go"(t) {
    const link = t.stage.link("admin", "/dashboard/webhooks");
    await t.browser.driver.get(link);
    await settled(t.browser, "/dashboard/webhooks");
    assert.equal(await t.browser.run("return document.cookie"), "", "no script reads the session");
    assert.equal(await t.browser.run("return localStorage.length + sessionStorage.length"), 0);
    await t.browser.driver.get("about:blank");
    await t.browser.driver.get(link);
    await shows(t.browser, "This link was used already");
    assert.equal(await t.browser.run("return location.hash"), "");
    await write(t.browser, { email: "ada" });
    await press(t.browser, "Send me a link");
    await shows(t.browser, "is no email address");
    await write(t.browser, { email: "ada@fjord.example" });
    await press(t.browser, "Send me a link");
    await shows(t.browser, "a link is on its way");
    await t.browser.complaints();
  },
  async "a link leads nowhere else"(t) {
    for (const next of ["//evil.example", "https://evil.example/dashboard"]) {
      await t.browser.driver.get(t.stage.link("viewer", next));
      await settled(t.browser, "/dashboard");
    }
  },
  async "who is not signed in, or not any more, is led to sign in and back"(t) {
    await open(t, "/dashboard/webhooks");
    t.stage.endSessions();
    await t.browser.driver.get(`${t.stage.origin}/dashboard/settings/audit#operation=key_create`);
    await shows(t.browser, "Sign in to Tieline");
    assert.equal(await t.browser.run("return new URLSearchParams(location.search).get('next')"), "/dashboard/settings/audit#operation=key_create");
    await open(t, "/dashboard/channels");
    t.stage.endSessions();
    await press(t.browser, "Webhooks", "#nav");
    await shows(t.browser, "Sign in to Tieline");
    assert.equal(await t.browser.run("return new URLSearchParams(location.search).get('next')"), "/dashboard/webhooks");
    await t.browser.complaints();
  },
  async "the first view is light and usable at once"(t) {
    await open(t);
    await t.browser.forget();
    const before = t.stage.bytes();
    await t.browser.driver.get(`${t.stage.origin}/dashboard`);
    await settled(t.browser, "/dashboard");
    const millis = await t.browser.run("return Math.round(performance.getEntriesByName('tieline:usable')[0].startTime)");
    const bytes = t.stage.bytes() - before;
    t.note(`${bytes} bytes, usable after ${millis} ms`);
    assert.ok(bytes > 20_000 && bytes <= 120 * 1024, `${bytes} bytes`);
    assert.ok(millis < 1000 * Number(process.env.TIELINE_PATIENCE ?? 3), `${millis} ms`);
    await t.browser.complaints();
  },
  async "the policy forbids inline scripts and every frame"(t) {
    await open(t);
    const policy = await t.browser.run("return fetch('/dashboard').then((answer) => answer.headers.get('content-security-policy'))");
    assert.match(policy, /script-src 'self';.*frame-ancestors 'none'/);
    assert.equal(await t.browser.run("const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s); return window.ran ?? 0"), 0);
    await t.browser.complaints();
  },
  async "a key is made with scopes, shown once, replaced and revoked"(t) {
    await open(t, PAGES.keys, "admin");
    await press(t.browser, "Create a key");
    await press(t.browser, "Create");
    await shows(t.browser, "This is missing.");
    await write(t.browser, { name: "Nightly", scopes: ["customers:read", "messages:read"], days: "30" });
    await press(t.browser, "Create");
    await shows(t.browser, "It is shown only now");
    const shown = await text(t.browser, "dialog[open]");
    assert.match(shown, /tl_\w+_s{32}/);
    await t.browser.driver.actions().sendKeys(t.browser.Key.ESCAPE).perform();
    assert.equal(await t.browser.run("return document.querySelectorAll('dialog[open]').length"), 1, "Escape does not lose it");
    await press(t.browser, "I have stored it");
    await shows(t.browser, "Nightly", "main table");
    assert.ok(!(await text(t.browser, "body")).includes("ssssss"));
    const made = JSON.parse(asked(t.stage, "POST", "dashboard/api-keys").at(-1).body);
    assert.deepEqual(made.scopes, ["customers:read", "messages:read"]);
    assert.ok(Date.parse(made.expires_at) > Date.now() + 29 * 86_400_000);

    await press(t.browser, "Rotate");
    await press(t.browser, "Create the new key");
    await press(t.browser, "I have stored it");
    await t.browser.until("both keys are there", "return [...document.querySelectorAll('main tr strong')].filter((one) => one.innerText === 'Nightly').length === 2");

    await press(t.browser, "Revoke");
    await shows(t.browser, "is refused from now on", "dialog[open]");
    const before = asked(t.stage, "DELETE", "dashboard/api-keys").length;
    await press(t.browser, "Cancel");
    assert.equal(asked(t.stage, "DELETE", "dashboard/api-keys").length, before);
    await press(t.browser, "Revoke");
    await press(t.browser, "Revoke");
    await shows(t.browser, "The key is revoked.", "#toast");
    assert.equal(asked(t.stage, "DELETE", "dashboard/api-keys").length, before + 1);
  },
  async "an endpoint is added, tested, rotated and deleted"(t) {
    await open(t, PAGES.webhooks, "admin");
    await press(t.browser, "Add an endpoint");
    await write(t.browser, { name: "Shop", url: "http://127.0.0.1/hooks", all: "some" });
    await write(t.browser, { events: ["message.received"] });
    await press(t.browser, "Add");
    await shows(t.browser, "lead to a public name", "dialog .field.wrong");
    assert.equal(await t.browser.run("return document.activeElement.name"), "url", "the field that is wrong has the focus");
    await write(t.browser, { url: "https://shop.example.com/hooks" });
    await press(t.browser, "Add");
    await shows(t.browser, "whsec_", "dialog[open]");
    await press(t.browser, "I have stored it");
    await shows(t.browser, "Nothing was sent yet");
    assert.deepEqual(t.stage.world.webhooks.at(-1).events, ["message.received"]);
    await press(t.browser, "Send a test");
    await shows(t.browser, "webhook.test", "main table");
    await press(t.browser, "Settings");
    await press(t.browser, "Rotate the secret…");
    await write(t.browser, { overlap_hours: "2" });
    await press(t.browser, "Make a new secret");
    await press(t.browser, "I have stored it");
    await press(t.browser, "Finish the rotation");
    await press(t.browser, "Finish");
    await shows(t.browser, "Only the new secret signs now.", "#toast");
    await press(t.browser, "Delete…");
    await shows(t.browser, "cannot be recovered any more", "dialog[open]");
    await press(t.browser, "Delete");
    await settled(t.browser, PAGES.webhooks);
    assert.ok(!(await text(t.browser)).includes("Shop"));
    await t.browser.complaints();
  },
  async "deliveries page and filter, and one is sent again"(t) {
    await open(t, `${PAGES.webhook}#status=failed`, "admin");
    assert.equal(await t.browser.run("return [...document.querySelectorAll('main tbody tr')].every((row) => row.innerText.includes('Failed'))"), true);
    await write(t.browser, { status: "" });
    await t.browser.until("all are listed", "return document.querySelectorAll('main tbody tr').length === 50 && location.hash === ''");
    await press(t.browser, "Show more");
    await t.browser.until("more are listed", "return document.querySelectorAll('main tbody tr').length === 100");
    await write(t.browser, { status: "failed" });
    await t.browser.until("failed ones are listed", "return document.querySelectorAll('main tbody tr').length < 50 && location.hash === '#status=failed'");
    await press(t.browser, "message.received");
    await shows(t.browser, "connection refused", "dialog[open]");
    const before = asked(t.stage, "POST", "dashboard/deliveries").length;
    await press(t.browser, "Send it again");
    await shows(t.browser, "the same bytes, the same id", "#toast");
    assert.equal(asked(t.stage, "POST", "dashboard/deliveries").length, before + 1);
    await press(t.browser, "Recover…");
    await write(t.browser, { since: "2026-01-01T00:00" });
    await press(t.browser, "Recover");
    await shows(t.browser, "deliveries are made again", "#toast");
  },
  async "a signature is verified in the page, and nothing of it is sent"(t) {
    await open(t, PAGES.verify, "viewer");
    const [secret, timestamp, body] = ["whsec_c2VjcmV0", String(Math.floor(Date.now() / 1000)), '{"a":1}'];
    const before = t.stage.requests().length;
    await write(t.browser, { signature: createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex"), timestamp, secret, body });
    await press(t.browser, "Verify");
    await shows(t.browser, "The signature is right");
    await write(t.browser, { body: '{"a":2}' });
    await press(t.browser, "Verify");
    await shows(t.browser, "The signature is not right");
    assert.equal(t.stage.requests().length, before);
  },
  async "a channel is connected step by step, tested, switched off and removed"(t) {
    await open(t, PAGES.channels, "admin");
    await press(t.browser, "Connect a channel");
    await t.browser.until("the kinds", "return document.querySelector('main a[href$=\"/new/whatsapp\"]')");
    await t.browser.run("document.querySelector('main a[href$=\"/new/whatsapp\"]').click()");
    await settled(t.browser, PAGES.whatsapp);
    await write(t.browser, { name: "Second", phone_number_id: "not digits", access_token: "EAAG", verify_token: "word" });
    await press(t.browser, "Connect");
    await shows(t.browser, "must be digits", ".field.wrong");
    await write(t.browser, { phone_number_id: "1234567" });
    await press(t.browser, "Connect");
    await shows(t.browser, "At the provider");
    await shows(t.browser, "https://tieline.example/webhook-meta");
    await shows(t.browser, "Meta could not be reached.");
    await press(t.browser, "Test");
    await shows(t.browser, "It works.");
    await press(t.browser, "Change…");
    await write(t.browser, { name: "Second line", access_token: "EAAH" });
    await press(t.browser, "Save");
    await shows(t.browser, "Second line", "main h1");
    assert.deepEqual(t.stage.world.changedCredentials, ["access_token"], "what is empty stays");
    await press(t.browser, "Switch off…");
    await press(t.browser, "Switch off");
    await shows(t.browser, "Switch on");
    await press(t.browser, "Remove…");
    await shows(t.browser, "conversations, messages and files stay", "dialog[open]");
    await press(t.browser, "Remove");
    await settled(t.browser, PAGES.channels);
    await t.browser.complaints();
  },
  async "members are invited, changed and removed, and the last owner stays"(t) {
    await open(t, PAGES.members);
    await press(t.browser, "Invite somebody");
    await write(t.browser, { email: "ben@fjord.example", name: "Ben", role: "viewer" });
    await press(t.browser, "Invite");
    await shows(t.browser, "has this address", "dialog[open]");
    await write(t.browser, { email: "eve@fjord.example" });
    await press(t.browser, "Invite");
    await shows(t.browser, "/dashboard/sign-in#tok_", "dialog[open]");
    await press(t.browser, "I have stored it");
    await shows(t.browser, "eve@fjord.example", "main table");
    await t.browser.run("[...document.querySelectorAll('main tr')].find((row) => row.innerText.includes('eve@')).querySelectorAll('button')[2].click()");
    await shows(t.browser, "is signed out at once", "dialog[open]");
    await press(t.browser, "Remove");
    await shows(t.browser, "The member is removed.", "#toast");
    await t.browser.run("[...document.querySelectorAll('main tr')].find((row) => row.innerText.includes('ada@')).querySelectorAll('button')[0].click()");
    await write(t.browser, { role: "admin" });
    await press(t.browser, "Save");
    await shows(t.browser, "last owner", "dialog[open]");
    await t.browser.complaints();
  },
  async "origins, keys of the inbox, and retention are set"(t) {
    await open(t, PAGES.inbox);
    await write(t.browser, { origins: "https://crm.example.com/path" });
    await press(t.browser, "Save");
    await shows(t.browser, "must be exactly https://host", ".field.wrong");
    await write(t.browser, { origins: "https://a.example\nhttps://b.example:8443" });
    await press(t.browser, "Save");
    await shows(t.browser, "Saved.", "#toast");
    assert.deepEqual(t.stage.world.sso.allowed_origins, ["https://a.example", "https://b.example:8443"]);
    await press(t.browser, "Rotate the key…");
    await press(t.browser, "Rotate");
    await shows(t.browser, "signed with the new key", "#toast");
    await press(t.browser, "End tokens…");
    await write(t.browser, { which: "all" });
    await press(t.browser, "Go on");
    await press(t.browser, "End");
    await shows(t.browser, "They end within a minute.", "#toast");
    assert.deepEqual(t.stage.world.revoked, { all: true });
    await press(t.browser, "Retention");
    await settled(t.browser, PAGES.retention);
    await write(t.browser, { deliveries_days: "2" });
    await press(t.browser, "Save");
    await shows(t.browser, "at_least_3", ".field.wrong");
    await write(t.browser, { deliveries_days: "90" });
    await press(t.browser, "Save");
    await t.browser.until("it is kept", "return document.querySelector('[name=deliveries_days]')?.value === '90'");
    assert.equal(t.stage.world.retention.deliveries_days, 90);
    await t.browser.complaints();
  },
  async "the audit log filters, pages, and stays at its address"(t) {
    await open(t, PAGES.audit);
    await press(t.browser, "Show more");
    await t.browser.until("more are listed", "return document.querySelectorAll('main tbody tr').length === 100");
    await write(t.browser, { operation: "key_create" });
    await t.browser.until("fewer are listed", "return document.querySelectorAll('main tbody tr').length === 26");
    await t.browser.driver.navigate().refresh();
    await settled(t.browser, `${PAGES.audit}#operation=key_create`);
    assert.equal(await t.browser.run("return document.querySelectorAll('main tbody tr').length"), 26);
    await write(t.browser, { operation: "nothing" });
    await shows(t.browser, "No change fits these filters");
  },
  async "calls are filtered, and new ones appear by themselves"(t) {
    await open(t, PAGES.log, "viewer");
    await write(t.browser, { status: "5xx" });
    await t.browser.until("failed ones are listed", "return location.hash === '#status=5xx' && [...document.querySelectorAll('main tbody tr')].every((row) => row.innerText.includes('503'))");
    await press(t.browser, "Follow live");
    addCall(t.stage.world, { status: 503, error: "unavailable", operation: "brand_new" });
    await shows(t.browser, "brand_new", "main tbody tr:first-child");
    await press(t.browser, "Follow live");
    await press(t.browser, "brand_new");
    await shows(t.browser, "req_", "dialog[open]");
  },
  async "a viewer sees why what they may not do is disabled, and nothing is asked"(t) {
    await open(t, PAGES.webhook, "viewer");
    await press(t.browser, "Send a test");
    await shows(t.browser, "Only admins and owners may do this. You are a viewer.", "#toast");
    await open(t, PAGES.keys, "agent");
    await shows(t.browser, "Only admins and owners may do this. You are an agent.", "main");
    await open(t, PAGES.retention, "admin");
    await shows(t.browser, "Only owners may do this. You are an admin.", "main");
    for (const path of Object.values(PAGES)) {
      const before = t.stage.requests().length;
      await open(t, path, "viewer");
      const writes = t.stage.requests().slice(before).filter((one) => one.method !== "GET" && !one.path.includes("/sign-in"));
      assert.deepEqual(writes, [], path);
      const enabled = await t.browser.run("return [...document.querySelectorAll('main form button:not([type=button]):not([disabled])')].map((one) => one.innerText)");
      assert.deepEqual(enabled, { [PAGES.verify]: ["Verify"], [PAGES.operator]: ["Sign in"] }[path] ?? [], path);
    }
    assert.deepEqual(await t.browser.complaints().then((all) => all.filter((one) => !one.includes("/status"))), []);
  },
  async "what fails is told, and tried again"(t) {
    t.stage.fail(/GET \/api\/dashboard\/webhooks$/, 503, { message: "The database is away." });
    await open(t, PAGES.webhooks);
    await shows(t.browser, "The database is away.");
    await press(t.browser, "Try again");
    await shows(t.browser, "My CRM");
    await open(t, PAGES.keys);
    t.stage.fail(/DELETE/, 503, { message: "The database is away." });
    await press(t.browser, "Revoke");
    await press(t.browser, "Revoke");
    await shows(t.browser, "The database is away.", "dialog[open]");
    await t.browser.driver.actions().sendKeys(t.browser.Key.ESCAPE).perform();
    t.stage.fail(/GET \/api\/dashboard\/webhooks$/, 500, { millis: 600 });
    await press(t.browser, "Webhooks", "#nav");
    await press(t.browser, "Channels", "#nav");
    await settled(t.browser, PAGES.channels);
    await t.pause(800);
    await shows(t.browser, "Channels", "main h1");
    await t.browser.complaints();
  },
  async "everything is reached by the keyboard"(t) {
    const { Key } = t.browser;
    const keys = (...all) => t.browser.driver.actions().sendKeys(...all).perform();
    await open(t, PAGES.audit);
    await keys(Key.TAB);
    assert.equal(await t.browser.run("return document.activeElement.className"), "skip");
    await keys(Key.ENTER);
    assert.equal(await t.browser.run("return document.activeElement.id + location.hash"), "main");
    await keys("/");
    assert.equal(await t.browser.run("return document.activeElement.name"), "operation");
    await t.browser.run("document.activeElement.blur()");
    await keys("?");
    await shows(t.browser, "Keyboard shortcuts", "dialog[open]");
    await keys(Key.ESCAPE);
    await t.browser.until("the dialog is closed", "return document.querySelectorAll('dialog').length === 0");
    await keys("g", "s");
    await settled(t.browser, "/dashboard");
    assert.equal(await t.browser.run("return document.activeElement.id"), "main", "the new page has the focus");
    await t.browser.driver.navigate().back();
    await settled(t.browser, PAGES.audit);
    await t.browser.size(390, 844, true);
    await press(t.browser, "Open the navigation", "body");
    assert.equal(await t.browser.run("return document.activeElement.closest('nav')?.id ?? ''"), "nav");
    assert.equal(await t.browser.run("return document.getElementById('main').inert"), true);
    await keys(Key.ESCAPE);
    assert.equal(await t.browser.run("return document.activeElement.getAttribute('aria-label')"), "Open the navigation", "the focus goes back");
    await t.browser.size(1280, 860);
    await t.browser.complaints();
  },
  async "every page has one heading, names for its fields and buttons, and fits narrow and mirrored"(t) {
    await open(t);
    for (const [name, path] of Object.entries(PAGES)) {
      await t.browser.size(360, 780, true);
      await t.browser.driver.get(t.stage.origin + path);
      await settled(t.browser, path);
      await fits(t.browser, name);
    }
    await t.browser.size(1280, 860);
    await t.browser.complaints();
  },
};

/** Over a world in which every text of others is markup. */
export const hostileChecks = {
  ...integrationHostile({ open, shows, press, write }),
  ...operatorHostile({ settled, press, shows, text, write }),
  async "names, addresses and errors of attackers stay text on every page"(t) {
    await open(t);
    for (const [name, path] of Object.entries(PAGES)) {
      await t.browser.driver.get(t.stage.origin + path);
      await t.browser.run("window.canary = []");
      await settled(t.browser, path);
      const found = await t.browser.run("return [document.querySelectorAll('#app img, #app script').length, canary.length]");
      assert.deepEqual(found, [0, 0], name);
      if (!["link-new", "integration-new", "integration-settings", "connect", "whatsapp", "verify", "inbox", "retention", "quotas", "import", "operator"].includes(name)) assert.ok((await text(t.browser)).includes("<img src=x"), `${name} shows it as text`);
    }
    await t.browser.driver.get(t.stage.origin + PAGES.webhook);
    await settled(t.browser, PAGES.webhook);
    await press(t.browser, "message.received");
    await shows(t.browser, "<img src=x", "dialog[open]");
    await t.browser.driver.get(t.stage.origin + PAGES.keys);
    await settled(t.browser, PAGES.keys);
    await press(t.browser, "Revoke");
    await shows(t.browser, "<img src=x", "dialog[open]");
    t.stage.fail(/DELETE/, 409, { message: HOSTILE });
    await press(t.browser, "Revoke");
    await shows(t.browser, "<img src=x", "dialog[open] .failure");
    assert.equal(await t.browser.run("return document.querySelectorAll('dialog img').length"), 0);
    await t.browser.complaints();
  },
};

/** Pictures of every page at two widths and in two schemes. */
export async function dashboardPictures(t, folder) {
  await open(t);
  for (const [name, path] of Object.entries(PAGES)) {
    await t.browser.driver.get(t.stage.origin + path);
    await settled(t.browser, path);
    await shootAll(t.browser, folder, name);
  }
  await operatorPictures(t, { settled, press, shows, write }, (name) => shootAll(t.browser, folder, name));
}

async function shootAll(browser, folder, name) {
  for (const [width, height] of [[1280, 860], [390, 844]]) {
    for (const scheme of ["light", "dark"]) {
      await browser.size(width, height, width < 600);
      await browser.scheme(scheme);
      await browser.shoot(folder, `dashboard-${name}-${width}-${scheme}`);
    }
  }
  await browser.size(1280, 860);
  await browser.scheme("light");
}
