// A provider of OpenID Connect on loopback: the package oidc-provider, which is certified, with people who are signed in
// there already and consent at once.
//
// Run alone: node tests/fakes/identity-provider.mjs [--port N] <redirect URI>

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { portArgument } from "./lib/server.mjs";

const jwk = (kid, alg, type, options) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }), kid, alg, use: "sig" });

/**
 * Starts one: { issuer, clients, person, stop }. `person` are the claims of who sits before it. `clients` have the settings
 * of oidc-provider; the first is what a web application gets that is registered. `conforms`: whether claims of a person are
 * told at the endpoint for them alone, as the specification has it where an access token is given; many tell them in the
 * ID token.
 */
export async function startIdentityProvider({ port = 0, redirectUri, clients = [], conforms = true }) {
  const { default: Provider } = await import("oidc-provider");
  const server = createServer();
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const fake = { issuer, person: { sub: "u1", email: "ada@fjord.example", email_verified: true, name: "Ada Byrne" }, requests: [] };
  const web = { client_id: "tieline", client_secret: "a secret of 32 characters, or so", redirect_uris: [redirectUri], response_types: ["code"], grant_types: ["authorization_code"] };
  fake.clients = [web, ...clients.map((client) => ({ ...web, ...client }))];

  const provider = new Provider(issuer, {
    clients: fake.clients,
    jwks: { keys: [jwk("r1", "RS256", "rsa", { modulusLength: 2048 }), jwk("e1", "ES256", "ec", { namedCurve: "P-256" })] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: conforms,
    // HS256 for what has to be refused.
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "ES256", "HS256"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ["of a test"] },
    findAccount: (_, sub) => ({ accountId: sub, claims: async () => ({ ...fake.person, sub }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  });
  const answer = provider.callback();
  server.on("request", (request, response) => {
    fake.requests.push({ method: request.method, url: request.url });
    if (request.url.startsWith("/interaction/")) return void interact(request, response);
    answer(request, response);
  });

  /** Whoever comes is signed in, or consents, whichever is asked for. */
  async function interact(request, response) {
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    if (prompt.name === "login") return provider.interactionFinished(request, response, { login: { accountId: fake.person.sub } });
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
  }

  fake.stop = () => (server.closeAllConnections(), server.close());
  return fake;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const redirectUri = process.argv.slice(2).find((given) => given.startsWith("http"));
  const { issuer, clients: [{ client_id: id, client_secret: secret }] } = await startIdentityProvider({ port: portArgument(), redirectUri });
  console.log(`issuer ${issuer}\nclient ${id}\nsecret ${secret}`);
}
