// How members sign in: what a business sets, and what is asked without a session.

import { openSession } from "./dashboard-members.mjs";
import { ago, refused } from "./dashboard-world.mjs";

export const signInOf = (text) => ({
  singleSignOn: {
    provider: {
      name: text("Okta"), issuer: "https://fjord.okta.example", client_id: "0oa1b2c3d4e5f6g7h8i9", client_secret: "***", allowed_domains: ["fjord.example", "fell.test"], proven_domains: ["fjord.example"], default_role: "agent", updated_at: ago(900),
    },
    secret: "set", redirect_uri: "https://tieline.example/oauth/callback/sign-in", start_url: "https://tieline.example/api/dashboard/sign-in/oidc?business=00000000-0000-4000-8000-000000000001",
    domain_record: "tieline-verify=3f9a0c71d2e84b56a7c1e0f9b8d6c4a2",
  },
});

const shown = ({ singleSignOn: { secret, ...rest } }) => ({ json: rest });

/** With a session. Whose issuer has "away" in it cannot be reached; a domain of `.test` is not proven. */
export const SIGN_IN_PROVIDER = {
  sign_in_provider_get: ({ world }) => shown(world),
  sign_in_provider_put({ world, body }) {
    const { client_secret: secret, allowed_domains: domains = [], default_role: role = "viewer", ...rest } = body;
    if (!/^https:/.test(body.issuer)) throw refused(422, "invalid_request", "`issuer` must be an https URL.", [{ path: "issuer", rule: "issuer" }]);
    if (/away/.test(body.issuer)) throw refused(422, "invalid_request", "The provider's metadata could not be asked: the provider cannot be reached.", [{ path: "issuer", rule: "provider_unreachable" }]);
    const wrong = domains.findIndex((domain) => !/^[\w-]+(\.[\w-]+)+$/.test(domain));
    if (wrong >= 0) throw refused(422, "invalid_request", "A domain is what stands behind the @ of an address, such as example.com.", [{ path: `allowed_domains[${wrong}]`, rule: "domain" }]);
    const before = world.singleSignOn;
    if (secret !== undefined && secret !== "***") before.secret = secret;
    before.provider = {
      ...rest, client_secret: before.secret ? "***" : null, allowed_domains: domains, proven_domains: domains.filter((domain) => !domain.endsWith(".test")), default_role: role, updated_at: ago(0),
    };
    return shown(world);
  },
  sign_in_provider_delete({ world }) {
    Object.assign(world.singleSignOn, { provider: null, secret: undefined });
    return { status: 204 };
  },
};

/** Without one: only `acme.example` leads to a provider. */
export const SIGN_IN = {
  sign_in_options: ({ state }) => ({ json: state.options }),
  sign_in_link({ state, body }) {
    if (!state.options.email) throw refused(409, "not_set_up", "No links are sent by email here. Ask an admin of your business for one.");
    if (!/.@./.test(body.email)) throw refused(422, "invalid_request", "`email` is no email address.", [{ path: "email", rule: "email" }]);
    return { status: 202, json: { success: true } };
  },
  sign_in_discover: ({ body }) => ({ json: { provider: body.email.endsWith("@acme.example") ? { name: "Okta", start_url: "/api/dashboard/sign-in/oidc?business=00000000-0000-4000-8000-000000000002" } : null } }),
  // The provider signs everybody in at once, and the browser comes back.
  sign_in_begin: ({ query }) => ({ status: 303, headers: { location: query.next ?? "/dashboard" } }),
  sign_in_complete({ state, body }) {
    const role = state.links.get(body.token);
    if (!role) throw refused(401, "invalid_token", "This link was used already, or is older than 15 minutes. Ask for another one.");
    state.links.delete(body.token);
    return { json: { ends_at: "2027-01-01T00:00:00.000000Z" }, headers: openSession(state.sessions, { role }) };
  },
};
