// By what provider members sign in.

import { el, named, toast } from "../../dom.js";
import { confirmAct } from "../acts.js";
import { form } from "../forms.js";
import { table } from "../lists.js";
import { button, codeLine, light, section } from "../ui.js";

const ROLES = [["viewer", "Viewer: reads"], ["agent", "Agent: also answers customers"], ["admin", "Admin: also sets everything up"]];
const ISSUERS = "Google: https://accounts.google.com. Microsoft Entra: https://login.microsoftonline.com/<tenant>/v2.0. Okta: https://<name>.okta.com. To the last character, as the provider calls itself.";

export async function show(app) {
  const against = app.against("owner");
  const set = await app.api.get("sign-in-provider", null, { signal: app.signal });
  return [there(set), settings(app, set, against), set.provider && domains(set), set.provider && removal(app, set, against)];
}

const there = ({ redirect_uri: redirect, start_url: start }) => section("At your provider",
  el("p", null, "Register an application of the type web there, with this address as its redirect URI:"), codeLine(redirect),
  el("p", null, "Hand this address to your people, or set it as the application's start page:"), codeLine(start));

function settings(app, { provider }, against) {
  const disabled = Boolean(against);
  return section("Provider", form({
    label: "Check and save", against,
    fields: [
      { name: "name", label: "Name", required: true, value: provider?.name, disabled, help: "What people read: Sign in with …", placeholder: "Okta" },
      { name: "issuer", label: "Issuer", kind: "url", required: true, value: provider?.issuer, disabled, help: ISSUERS },
      { name: "client_id", label: "Client id", required: true, value: provider?.client_id, disabled },
      { name: "client_secret", label: "Client secret", kind: "secret", disabled, placeholder: provider?.client_secret ? "set; empty keeps it" : "", help: "Stored sealed, and never shown. Without one, the client is public." },
      { name: "domains", label: "Domains whose people become members", path: "allowed_domains", kind: "area", rows: 2, value: provider?.allowed_domains.join("\n"), disabled, help: "One a line, at most 10. Empty: who signs in was invited. Who was removed is not made a member again.", placeholder: "example.com" },
      { name: "default_role", label: "They become", kind: "select", required: true, options: ROLES, value: provider?.default_role ?? "viewer", disabled },
    ],
    async submit({ domains: given, client_secret: secret, ...values }) {
      await app.api.put("sign-in-provider", { ...values, ...(secret && { client_secret: secret }), allowed_domains: given.split(/[\s,]+/).filter(Boolean) });
      toast("Saved. Try it in another browser before you sign out here.");
      app.reload();
    },
  }));
}

function domains({ provider, domain_record: record }) {
  if (provider.allowed_domains.length === 0) return null;
  const isProven = (domain) => provider.proven_domains.includes(domain);
  return section("Proof of domains",
    el("p", null, "People of a proven domain find the provider by their address, on the page where they sign in. To prove one, publish this TXT record there, and save once more:"),
    codeLine(record),
    table("Domains", [
      { title: "Domain", cell: (domain) => el("strong", null, named(domain)) },
      { title: "State", cell: (domain) => (isProven(domain) ? light("good", "Proven") : light("warn", "Not proven: they begin at the address above")) },
    ], provider.allowed_domains));
}

function removal(app, { provider }, against) {
  const text = el("p", null, "Nobody signs in with ", el("strong", null, named(provider.name)), " any more. Who is signed in stays so; from then on members sign in by links.");
  return section("Remove", el("p", null, "Members sign in with ", el("strong", null, named(provider.name)), ", and by links."), el("div", { class: "acts" }, button("Remove single sign-on…", async () => {
    const isDone = await confirmAct("Remove single sign-on?", text, "Remove", () => app.api.remove("sign-in-provider"), { done: "Members sign in by links." });
    if (isDone) app.reload();
  }, { kind: "danger", against })));
}
