// Signing in on the real stack: with a real provider of OpenID Connect, by what a browser does and what others try; and
// by links that come by email.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startDns } from "../../fakes/dns.mjs";
import { startIdentityProvider } from "../../fakes/identity-provider.mjs";
import { startResend } from "../../fakes/resend.mjs";
import { call, signIn, startTieline } from "../../fakes/tieline.mjs";
import { newBrowser } from "./lib/browser.mjs";

const SESSION = "__Host-tieline";
const VISIT = "__Host-tieline-visit";
const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
const dns = await startDns();
const resend = await startResend({ domains: ["tieline.example"] });
const VARS = { DNS_RESOLVER: dns.base, RESEND_API_BASE: resend.base };
let tieline = await startTieline(state, VARS);
let idp;

const at = (place) => `${tieline.origin}${place}`;
const is = (name) => (address) => address.startsWith(at(name));

/** What an address is answered, whatever its status. */
async function posted(place, body) {
  const response = await fetch(at(place), { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return { status: response.status, json: await response.json() };
}

/** Who a browser is signed in as; null for nobody. */
async function me(browser) {
  const { status, text } = await browser.go(at("/api/dashboard/me"));
  return status === 200 ? JSON.parse(text) : null;
}

/** A page that says this, and that nobody is signed in. */
async function staysOut(browser, { status, text }, says, expected = 400) {
  assert.equal(status, expected, text);
  assert.match(text, says);
  assert.equal(browser.cookies(tieline.base_url)[SESSION], undefined);
  assert.equal(await me(browser), null);
}

/** Goes the whole way, as far as the callback, and gives its address. */
async function toCallback(browser, start) {
  const { to } = await browser.follow(start, is("/oauth/callback/sign-in"));
  assert.ok(to && is("/oauth/callback/sign-in")(to), `it leads to ${to}`);
  return to;
}

/** A provider, set for the demo business. */
async function connect(session, other = {}, idpOptions = {}) {
  idp?.stop();
  idp = await startIdentityProvider({ redirectUri: at("/oauth/callback/sign-in"), ...idpOptions });
  const [{ client_id, client_secret }] = idp.clients;
  const body = { name: "Fjord’s accounts", issuer: idp.issuer, client_id, client_secret, allowed_domains: ["fjord.example"], default_role: "agent", ...other };
  return call(at("/api/dashboard/sign-in-provider"), { method: "PUT", headers: session, body });
}

/** Somebody new by an allowed domain, and again as who they are; what others try meanwhile. */
async function singleSignOn(session) {
  const before = await call(at("/api/dashboard/sign-in-provider"), { headers: session });
  assert.equal(before.provider, null);
  assert.equal(before.redirect_uri, at("/oauth/callback/sign-in"));
  const unset = await newBrowser().go(before.start_url);
  assert.equal(unset.status, 404);

  const set = await connect(session);
  assert.equal(set.provider.client_secret, "***");
  assert.deepEqual(set.provider.proven_domains, []);
  assert.equal((await posted("/api/dashboard/sign-in/discover", { email: "ada@fjord.example" })).json.provider, null);
  dns.records.push({ name: "fjord.example", text: set.domain_record });
  const [{ client_id }] = idp.clients;
  const kept = { name: "Fjord", issuer: idp.issuer, client_id, client_secret: "***", allowed_domains: ["fjord.example"], default_role: "agent" };
  const proven = await call(at("/api/dashboard/sign-in-provider"), { method: "PUT", headers: session, body: kept });
  assert.deepEqual(proven.provider.proven_domains, ["fjord.example"]);
  const found = await posted("/api/dashboard/sign-in/discover", { email: "nobody@fjord.example" });
  const start = at(found.json.provider.start_url);
  assert.equal(start, set.start_url);

  // The whole way: the address is told at the provider's endpoint for claims, the signature is by RS256.
  const ada = newBrowser();
  const there = await toCallback(ada, `${start}&next=${encodeURIComponent("/dashboard/channels")}`);
  const here = await ada.go(there);
  assert.equal(here.status, 303, here.text);
  assert.equal(here.to, at("/dashboard/channels"));
  const she = await me(ada);
  assert.deepEqual([she.member.email, she.member.name, she.role], ["ada@fjord.example", "Ada Byrne", "agent"]);
  const given = here.headers.get("set-cookie");
  for (const part of ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"]) assert.ok(given.includes(part), given);

  // The same address of the callback once more, in her browser and in another one.
  const again = newBrowser();
  await staysOut(again, await again.go(there), /was not begun in this browser/);
  assert.equal((await ada.go(there)).status, 400);

  // Somebody begins, and has another browser end it: that one would be signed in as the other person.
  const eve = newBrowser();
  const hers = await toCallback(eve, start);
  const joe = newBrowser();
  await toCallback(joe, start);
  await staysOut(joe, await joe.go(hers), /was not begun in this browser/);
  assert.equal((await eve.go(hers)).status, 303, "it was not used up");
  // Another site sends a browser to begin.
  const led = newBrowser();
  const asked = await led.go(start, { "sec-fetch-site": "cross-site" });
  assert.equal(asked.status, 200);
  assert.match(asked.text, /If you did not ask for that/);
  assert.equal(led.cookies(tieline.base_url)[VISIT], undefined);

  // Nowhere but below /dashboard.
  for (const next of ["https://evil.example/dashboard", "//evil.example", "/\\evil.example", "/dashboard/../api", "/dashboard/%2e%2e/api"]) {
    const browser = newBrowser();
    const back = await browser.go(await toCallback(browser, `${start}&next=${encodeURIComponent(next)}`));
    assert.equal(back.to, at("/dashboard"), next);
  }

  // What is changed on the way back.
  for (const [change, says] of [
    [(url) => url.searchParams.set("iss", "https://evil.example"), /Another provider/],
    [(url) => url.searchParams.delete("iss"), /Another provider/],
    [(url) => url.searchParams.set("state", "x".repeat(43)), /was not begun in this browser/],
    [(url) => url.searchParams.set("code", "made-up"), /did not take the code/],
    [(url) => (url.searchParams.delete("code"), url.searchParams.set("error", "access_denied")), /was denied there/],
  ]) {
    const browser = newBrowser();
    const url = new URL(await toCallback(browser, start));
    change(url);
    await staysOut(browser, await browser.go(url), says);
  }
  return start;
}

/** Whom the provider does not vouch for, and whom the business does not want. */
async function refused(session, start) {
  const way = async () => {
    const browser = newBrowser();
    return [browser, await browser.go(await toCallback(browser, start))];
  };
  idp.person = { ...idp.person, sub: "u2", email: "bob@fjord.example", email_verified: false };
  await staysOut(...await way(), /was not verified/);
  idp.person = { ...idp.person, email: "bob@elsewhere.example", email_verified: true };
  await staysOut(...await way(), /no member of this business/);
  delete idp.person.email;
  await staysOut(...await way(), /does not say what your address is/);

  // A member who was removed is not made one again by the domain.
  const { members } = await call(at("/api/dashboard/members"), { headers: session });
  const { id } = members.find(({ email }) => email === "ada@fjord.example");
  await call(at(`/api/dashboard/members/${id}`), { method: "DELETE", headers: session });
  idp.person = { sub: "u1", email: "ada@fjord.example", email_verified: true, name: "Ada Byrne" };
  await staysOut(...await way(), /no member of this business/);
  const { sign_in_url: link } = await call(at("/api/dashboard/members"), { method: "POST", headers: session, body: { email: "ada@fjord.example", name: "Ada", role: "admin" } });
  assert.ok(link, "no account of email yet");
  const [ada, back] = await way();
  assert.equal(back.status, 303, back.text);
  assert.equal((await me(ada)).role, "admin");

  const { entries } = await call(at("/api/dashboard/audit?operation=sign_in_return"), { headers: session });
  assert.ok(entries.some(({ fields, member_id, target }) => fields.includes("email") && member_id === target), JSON.stringify(entries));
}

/** Other ways in which providers sign and clients prove themselves: the claims in the token, ES256, and no secret. */
async function otherProviders(session, start) {
  for (const client of [{ id_token_signed_response_alg: "ES256", token_endpoint_auth_method: "client_secret_post" }, { client_secret: undefined, token_endpoint_auth_method: "none" }]) {
    const clients = [{ client_id: "other", ...client }];
    await connect(session, { client_id: "other", ...("client_secret" in client && { client_secret: null }) }, { clients, conforms: false });
    const browser = newBrowser();
    assert.equal((await browser.go(await toCallback(browser, start))).status, 303, JSON.stringify(client));
    assert.equal((await me(browser)).member.email, "ada@fjord.example");
  }
  // By a secret key, or none, a token proves nothing.
  await connect(session, { client_id: "hs" }, { clients: [{ client_id: "hs", id_token_signed_response_alg: "HS256" }] });
  const browser = newBrowser();
  await staysOut(browser, await browser.go(await toCallback(browser, start)), /not signed by RS256/);
  // Settings that change between going and coming.
  await connect(session);
  const slow = newBrowser();
  const there = await toCallback(slow, start);
  await call(at("/api/dashboard/sign-in-provider"), { method: "DELETE", headers: session });
  await staysOut(slow, await slow.go(there), /were changed meanwhile/);
}

/** Links by email, once the business that runs the deployment has an account. */
async function links() {
  const options = await call(at("/api/dashboard/sign-in/options"));
  assert.equal(options.email, false);
  assert.equal((await posted("/api/dashboard/sign-in/link", { email: "ada@fjord.example" })).json.code, "not_set_up");
  const { business_id: operator } = tieline;
  await tieline.stop();
  tieline = await startTieline(state, { ...VARS, OPERATOR_BUSINESS_ID: operator });
  const session = await signIn(tieline);
  const credentials = { api_key: resend.apiKey, webhook_secret: resend.secret };
  await call(at("/api/dashboard/channels"), { method: "POST", headers: session, body: { kind: "email", name: "Tieline", provider: "resend", address: "hello@tieline.example", credentials } });
  assert.equal((await call(at("/api/dashboard/sign-in/options"))).email, true);

  const invited = await call(at("/api/dashboard/members"), { method: "POST", headers: session, body: { email: "cleo@fjord.example", name: "Cleo", role: "viewer" } });
  assert.deepEqual([invited.sign_in_url, invited.email_error], [null, null]);
  const mails = (to) => resend.sent.map(({ body }) => body).filter((body) => [body.to].flat().includes(to));
  const tokens = (to) => mails(to).flatMap(({ text }) => [...text.matchAll(/sign-in#(\S+)/g)].map(([, token]) => token));
  assert.equal(tokens("cleo@fjord.example").length, 1);

  // A stranger and a member are answered alike, and a member has three links an hour at most, of which Ada was given one by the admin.
  const answers = [];
  for (const email of ["nobody@fjord.example", ...Array(5).fill("ada@fjord.example")]) answers.push(await posted("/api/dashboard/sign-in/link", { email }));
  assert.ok(answers.every(({ status, json }) => status === 202 && json.success === true), JSON.stringify(answers));
  for (const end = Date.now() + 30_000; tokens("ada@fjord.example").length < 2 && Date.now() < end;) await new Promise((resolve) => setTimeout(resolve, 100));
  // What comes after them is behind them in the queue.
  await posted("/api/dashboard/sign-in/link", { email: "cleo@fjord.example" });
  for (const end = Date.now() + 30_000; tokens("cleo@fjord.example").length < 2 && Date.now() < end;) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual([tokens("ada@fjord.example").length, tokens("cleo@fjord.example").length, mails("nobody@fjord.example").length], [2, 2, 0]);

  const [token] = tokens("ada@fjord.example");
  assert.equal((await posted("/api/dashboard/sign-in/complete", { token })).status, 200);
  assert.equal((await posted("/api/dashboard/sign-in/complete", { token })).json.code, "invalid_token");
}

try {
  const session = await signIn(tieline);
  const start = await singleSignOn(session);
  await refused(session, start);
  await otherProviders(session, start);
  await links();
} catch (error) {
  console.error(tieline.log().split("\n").filter((line) => !line.includes('"level":"info"')).slice(-20).join("\n"));
  throw error;
} finally {
  await tieline.stop();
  for (const fake of [idp, dns, resend]) fake?.stop();
  rmSync(state, { recursive: true, force: true });
}
