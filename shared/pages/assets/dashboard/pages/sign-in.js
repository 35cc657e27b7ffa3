// Signing in: by a link, by single sign-on, or by what the deployment offers.

import { byId, el, fill } from "../../dom.js";
import { ApiError, request } from "../../http.js";
import { BASE, pathOf, safeNext } from "../address.js";
import { form } from "../forms.js";
import { failure, note } from "../ui.js";

const ask = (method, path, body) => request(method, `/api/dashboard/sign-in${path}`, { body, credentials: "same-origin" });

/** Shows the page, or signs in at once with the token behind the `#`. */
export async function showSignIn() {
  document.title = "Sign in · Tieline";
  const here = new URL(location.href);
  const next = safeNext(here.searchParams.get("next"), location.origin);
  const token = here.hash.slice(1);
  // The token must not stay in the history.
  if (token) history.replaceState(null, "", here.pathname + here.search);
  addEventListener("hashchange", () => location.hash.length > 1 && location.reload());
  if (token) await complete(token, next);
  else await choose(here.searchParams.get("error") && "Signing in did not work. Try again, or ask an admin of your business for a link.", next);
}

function box(...content) {
  const main = byId("main");
  fill(main, el("div", { class: "sign-in panel" }, el("h1", null, "Sign in to Tieline"), content));
  main.setAttribute("aria-busy", "false");
  main.focus({ preventScroll: true });
  performance.mark("tieline:usable");
}

async function complete(token, next) {
  box(el("p", { role: "status" }, "Signing in…"));
  try {
    await ask("POST", "/complete", { token });
    location.replace(next);
  } catch (error) {
    if (error instanceof ApiError && !error.passing) return choose(error.message, next);
    box(failure(error, () => complete(token, next)));
  }
}

/** What the deployment offers; one that says nothing has links of admins alone. */
async function options() {
  try {
    return await ask("GET", "/options");
  } catch (error) {
    if (error.status === 404 || error.status === 405) return { email: false, single_sign_on: false, oidc: [] };
    throw error;
  }
}

async function choose(trouble, next) {
  let offered;
  try {
    offered = await options();
  } catch (error) {
    return box(trouble && note(trouble, "bad"), failure(error, () => choose(trouble, next)));
  }
  offer(offered, next, trouble, offered.email ? "email" : "domain");
}

/** Shows all ways; of the two that ask for an address, `way` is shown, and the other one is a button away. */
function offer(offered, next, trouble, way) {
  const { email, single_sign_on: isFound, oidc } = offered;
  const providers = (oidc ?? []).map(({ name, start_url }) => ({ name, href: startOf(start_url, next) })).filter(({ href }) => href);
  const other = (label, to) => email && isFound && el("button", { type: "button", class: "button quiet", click: () => offer(offered, next, null, to) }, label);
  box(
    trouble && el("div", { role: "alert" }, note(trouble, "bad")),
    providers.map(({ name, href }) => el("a", { class: "button quiet wide", href }, `Sign in with ${name}`)),
    email && way === "email" && byEmail(other("Single sign-on", "domain")),
    isFound && way === "domain" && byDomain(next, other("Send me a link", "email")),
    !email && el("p", { class: "faint" }, isFound || providers.length ? "Or open" : "Open", " the link that you were given: ask an admin of your business for one, or run ", el("code", null, "tieline member invite"), ". It is good once, for 15 minutes."),
    el("p", { class: "faint" }, "Do you run this deployment? ", el("a", { href: pathOf("operator") }, "Go to the operator’s page"), "."),
  );
}

/** Where a provider's button leads: a path of ours, which goes on to the provider; anything else is left out. */
function startOf(text, next) {
  let url;
  try {
    url = new URL(text, location.origin);
  } catch {
    return null;
  }
  if (url.origin !== location.origin) return null;
  if (next !== BASE) url.searchParams.set("next", next);
  return url.href;
}

const emailField = (label) => ({ name: "email", label, kind: "email", required: true, autocomplete: "email" });

function byEmail(secondary) {
  return form({
    label: "Send me a link",
    fields: [emailField("Email")],
    secondary,
    async submit({ email }) {
      await ask("POST", "/link", { email });
      box(el("p", { role: "status" }, "If ", el("strong", null, email), " is a member's address, a link is on its way. It is good once, for 15 minutes."), el("p", { class: "faint" }, "Nothing there? Look among unwanted mail, or ask an admin of your business for a link."));
    },
  });
}

/** Leads to the provider of an address's domain. */
function byDomain(next, secondary) {
  return form({
    label: "Go on",
    fields: [emailField("Email at work")],
    secondary,
    async submit({ email }) {
      const { provider } = await ask("POST", "/discover", { email });
      const href = provider && startOf(provider.start_url, next);
      if (!href) throw new ApiError(404, "not_found", "No single sign-on is known for this address. Ask an admin of your business for its sign-in address, or for a link.");
      location.assign(href);
    },
  });
}
