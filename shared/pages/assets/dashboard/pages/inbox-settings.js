// The embedded inbox: whose pages may show it, the key that signs its tokens, and ending tokens.

import { el, toast } from "../../dom.js";
import { confirmAct } from "../acts.js";
import { form, formDialog } from "../forms.js";
import { table } from "../lists.js";
import { button, codeBlock, light, section, when } from "../ui.js";

export async function show(app) {
  const against = app.against("admin");
  const sso = await app.api.get("sso", null, { signal: app.signal });
  return [
    section("Origins", el("p", null, "Only pages of these origins may show the inbox in a frame."), form({
      label: "Save", against,
      fields: [{ name: "origins", label: "Origins", path: "allowed_origins", kind: "area", value: sso.allowed_origins.join("\n"), disabled: Boolean(against), help: "One a line, exactly https://host or https://host:port; at most 50. Empty: no other page.", placeholder: "https://crm.example.com" }],
      async submit({ origins }) {
        const all = origins.split(/\s+/).filter(Boolean);
        await app.api.put("sso", { allowed_origins: all });
        toast("Saved. Inboxes that are open keep what they had.");
        app.reload();
      },
    })),
    section("Open it from your CRM", el("p", null, "Your server asks for a token, and shows the page at embed_url."), codeBlock(`curl '${location.origin}/functions/v1/api-sso-generate-token' -H "x-api-key: $API_KEY" \\
  -H 'content-type: application/json' -d '{"agent":{"id":"7","name":"Ann"}}'`, "Command that asks for a token")),
    section("Signing keys", table("Signing keys", [
      { title: "Key", cell: ({ id }) => el("code", null, id) },
      { title: "Made", cell: ({ created_at }) => when(created_at) },
      { title: "State", cell: ({ expires_at }) => (expires_at ? ["Ends ", when(expires_at)] : light("good", "Signs")) },
    ], sso.keys), el("div", { class: "acts" }, button("Rotate the key…", () => rotate(app), { against }), button("End tokens…", () => revoke(app), { against }))),
  ];
}

async function rotate(app) {
  const done = await formDialog("Rotate the signing key", {
    label: "Rotate",
    fields: [{ name: "overlap_seconds", label: "Tokens of the old key stay valid for", kind: "select", required: true, options: [["86400", "a day"], ["3600", "an hour"], ["0", "no longer: every open inbox closes"]] }],
    submit: ({ overlap_seconds }) => app.api.post("sso/rotate-key", { overlap_seconds: Number(overlap_seconds) }),
  });
  if (!done) return;
  toast("New tokens are signed with the new key.");
  app.reload();
}

async function revoke(app) {
  const which = await formDialog("End tokens of the inbox", {
    label: "Go on",
    fields: [
      { name: "which", label: "Which", kind: "select", required: true, options: [["agent_id", "All of an agent"], ["token_id", "One token"], ["all", "All tokens: every open inbox closes"]] },
      { name: "id", label: "The agent’s id, or the token’s", required: true, shown: ({ which: one }) => one !== "all" },
    ],
    submit: async (values) => values,
  });
  if (!which) return;
  const body = which.which === "all" ? { all: true } : { [which.which]: which.id };
  await confirmAct("End them?", el("p", null, which.which === "all" ? "Every inbox that is open now closes within a minute. Agents open it again from the CRM." : `Inboxes opened with ${which.which === "token_id" ? "this token" : "tokens of this agent"} close within a minute.`), "End", () => app.api.post("sso/revoke", body), { done: "They end within a minute." });
}
