import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { startOauth } from "../oauth.mjs";

const BACK = "https://tieline.example/oauth/callback/crm-links/b1";
const verifier = randomBytes(32).toString("base64url");
const challenge = createHash("sha256").update(verifier).digest("base64url");

const started = (more = {}) => startOauth({ client: { redirectUris: [BACK], ...more } });

/** Where a person is sent who is asked for this. */
async function asked(oauth, more = {}) {
  const params = { response_type: "code", client_id: oauth.client.id, redirect_uri: BACK, state: "s1", scope: "people.read", code_challenge: challenge, code_challenge_method: "S256", ...more };
  const answer = await fetch(`${oauth.base}/authorize?${new URLSearchParams(params)}`, { redirect: "manual" });
  const location = answer.headers.get("location");
  return location ? Object.fromEntries(new URL(location).searchParams) : answer.status;
}

async function token(oauth, params, { isPublic = false } = {}) {
  const { id, secret } = oauth.client;
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
  const body = new URLSearchParams(isPublic ? { client_id: id, ...params } : params);
  const answer = await fetch(`${oauth.base}/token`, { method: "POST", body, headers: isPublic ? {} : { authorization } });
  return { status: answer.status, ...(await answer.json()) };
}

const redeem = (oauth, code, more = {}, how) => token(oauth, { grant_type: "authorization_code", code, redirect_uri: BACK, code_verifier: verifier, ...more }, how);
const renew = (oauth, refresh) => token(oauth, { grant_type: "refresh_token", refresh_token: refresh });
const people = async (oauth, access) => (await fetch(`${oauth.base}/people`, { headers: { authorization: `Bearer ${access}` } })).status;

test("nobody_is_redirected_but_to_what_is_registered", async () => {
  const oauth = await started();
  for (const more of [{ redirect_uri: `${BACK}/` }, { redirect_uri: "https://evil.example/" }, { client_id: "another" }]) assert.equal(await asked(oauth, more), 400);
  for (const [more, error] of [
    [{ code_challenge_method: "plain" }, "invalid_request"], [{ code_challenge: "short" }, "invalid_request"], [{ state: "" }, "invalid_request"],
    [{ response_type: "token" }, "unsupported_response_type"], [{ scope: "all" }, "invalid_scope"],
  ]) assert.equal((await asked(oauth, more)).error, error, JSON.stringify(more));
  oauth.deny();
  assert.deepEqual({ ...(await asked(oauth)), error_description: undefined }, { error: "access_denied", error_description: undefined, state: "s1" });
  await oauth.stop();
});

test("a_code_is_good_once_for_who_asked_for_it", async () => {
  const oauth = await started();
  for (const more of [{ redirect_uri: "https://evil.example/" }, { code_verifier: "a".repeat(43) }, { code_verifier: "" }]) {
    const { code } = await asked(oauth);
    assert.equal((await redeem(oauth, code, more)).error, "invalid_grant", JSON.stringify(more));
  }
  const { code, state } = await asked(oauth);
  assert.equal(state, "s1");
  assert.equal((await redeem(oauth, code, {}, { isPublic: true })).status, 401);
  const { access_token: access } = await redeem(oauth, code);
  assert.equal(await people(oauth, access), 200);
  assert.equal((await redeem(oauth, code)).error, "invalid_grant");
  assert.equal(await people(oauth, access), 401, "a code that comes again ends the consent");
  await oauth.stop();
});

test("a_refresh_token_is_good_once_and_ends_the_consent_when_it_comes_again", async () => {
  const oauth = await started();
  const first = await redeem(oauth, (await asked(oauth)).code);
  oauth.expire();
  assert.equal(await people(oauth, first.access_token), 401);
  const second = await renew(oauth, first.refresh_token);
  assert.equal(await people(oauth, second.access_token), 200);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.equal((await renew(oauth, first.refresh_token)).error, "invalid_grant");
  assert.equal(await people(oauth, second.access_token), 401);
  assert.equal((await renew(oauth, second.refresh_token)).error, "invalid_grant");
  await oauth.stop();
});

test("a_public_client_has_no_secret_to_prove", async () => {
  const oauth = await started({ secret: undefined });
  const { access_token: access } = await redeem(oauth, (await asked(oauth)).code, {}, { isPublic: true });
  assert.equal(await people(oauth, access), 200);
  await oauth.stop();
});
