// Keys: make one, replace one without downtime, revoke one.

import { el, named } from "../../dom.js";
import { confirmAct, showSecret } from "../acts.js";
import { orElse } from "../api.js";
import { hashOf, pathOf } from "../address.js";
import { formDialog } from "../forms.js";
import { pagedList } from "../lists.js";
import { button, chips, codeBlock, empty, light, pageHead, when } from "../ui.js";

const DAY = 86_400_000;
const SCOPES = [
  ["customers:read", "Read customers", "Look customers up."],
  ["customers:write", "Write customers", "Sync, create and erase customers."],
  ["conversations:read", "Read conversations", "And drafts of replies."],
  ["conversations:write", "Change conversations", "Assign them, change their status, hand them to people."],
  ["messages:read", "Poll messages", "Read what customers and agents wrote."],
  ["messages:write", "Send messages", "Write to customers on every channel."],
  ["attachments:write", "Upload files", "To send them with messages."],
  ["sso:write", "Open the inbox", "Make tokens for the embedded inbox, in the name of any agent."],
  ["admin", "Everything", "Also the settings: whoever has it can make further keys. Give it to nobody who does not set things up."],
];
const ENDS = [["", "Never"], ["30", "In 30 days"], ["90", "In 90 days"], ["365", "In a year"]];

export async function show(app) {
  const against = app.against("admin");
  const create = button("Create a key", () => createKey(app, {}), { kind: "primary", against, glyph: "plus" });
  const usage = orElse(app.api.get("usage", null, { signal: app.signal }));
  const list = pagedList(app, {
    label: "API keys",
    filters: [{ name: "show", label: "Show", options: [["", "Keys that work"], ["all", "All keys"]] }],
    async load({ show: which }) {
      const [{ keys }, used] = await Promise.all([app.api.get("api-keys", null, { signal: app.signal }), usage]);
      const calls = new Map((used?.callers ?? []).map((one) => [one.key_id, one.calls]));
      const rows = keys.filter((key) => which === "all" || stateOf(key)[0] !== "off").map((key) => ({ ...key, calls: calls.get(key.id), knows: Boolean(used) }));
      return { rows, next: null };
    },
    none: () => empty("No keys yet", "Your CRM and your scripts call the API with a key. Create one with the scopes that they need, and no more.", button("Create a key", () => createKey(app, {}), { kind: "primary", against })),
    columns: [
      { title: "Name", cell: (key) => [el("strong", null, named(key.name)), el("code", { class: "sub" }, key.id)] },
      { title: "Scopes", cell: (key) => chips(key.scopes) },
      { title: "Last used", cell: (key) => [when(key.last_used_at), key.knows && el("a", { class: "sub", href: pathOf("api-log") + hashOf({ key_id: key.id }) }, `${key.calls ?? 0} calls lately`)] },
      { title: "State", cell: (key) => light(...stateOf(key)) },
      { title: "", kind: "acts", cell: (key) => stateOf(key)[0] === "off" ? null : [button("Rotate", () => rotate(app, key), { against }), button("Revoke", () => revoke(app, key), { against })] },
    ],
  });
  await list.ready;
  return [pageHead("API keys", "A key lets a program call the API, by the header x-api-key. Its secret is shown once.", create), list];
}

function stateOf(key) {
  if (key.revoked_at) return ["off", "Revoked"];
  if (!key.expires_at) return ["good", "Active"];
  const left = Date.parse(key.expires_at) - Date.now();
  if (left <= 0) return ["off", "Expired"];
  return [left < 14 * DAY ? "warn" : "good", `Ends in ${Math.max(1, Math.round(left / DAY))} days`];
}

async function createKey(app, { name = "", scopes = [] }) {
  const made = await formDialog("Create a key", {
    label: "Create", wide: true,
    fields: [
      { name: "name", label: "Name", required: true, value: name, placeholder: "CRM sync", help: "What will use it. You will see this name in logs." },
      { name: "scopes", label: "What it may do", kind: "checks", required: true, options: SCOPES, value: scopes },
      { name: "days", label: "Ends", kind: "select", options: ENDS },
    ],
    submit: ({ name: called, scopes: chosen, days }) => app.api.post("api-keys", { name: called, scopes: chosen, ...(days && { expires_at: new Date(Date.now() + Number(days) * DAY).toISOString() }) }),
  });
  if (!made) return;
  await reveal(made);
  app.reload();
}

const reveal = ({ key, api_key }, ...more) => showSecret("The new key", `This is the key “${key.name}”.`, api_key, el("p", null, "Try it:"),
  codeBlock(`curl '${location.origin}/functions/v1/api-customers?external_id=CRM-1' -H 'x-api-key: ${api_key}'`, "Command that calls the API"), ...more);

async function rotate(app, key) {
  const made = await formDialog(`Rotate “${key.name}”`, {
    label: "Create the new key",
    fields: [{ name: "days", label: "The new key ends", kind: "select", options: ENDS }],
    submit: ({ days }) => app.api.post("api-keys", { name: key.name, scopes: key.scopes, ...(days && { expires_at: new Date(Date.now() + Number(days) * DAY).toISOString() }) }),
  }, el("ol", { class: "steps" }, [
    "A new key with the same name and scopes is made. The old one goes on working.",
    "Put the new key where the old one is used.",
    "When “last used” of the old key no longer moves, revoke it.",
  ].map((text) => el("li", null, el("div", null, text)))));
  if (!made) return;
  await reveal(made, el("p", { class: "faint" }, `The old key (${key.id}) works until you revoke it.`));
  app.reload();
}

async function revoke(app, key) {
  const done = await confirmAct("Revoke this key?", [
    el("p", null, "Every program that uses ", el("strong", null, named(key.name)), " is refused from now on, within a minute at the latest. This cannot be undone."),
    el("p", null, key.last_used_at ? ["It was last used ", when(key.last_used_at), "."] : "It was never used."),
    key.scopes.includes("admin") && el("p", null, "Sessions that were opened with it end, too."),
  ], "Revoke", () => app.api.remove(`api-keys/${encodeURIComponent(key.id)}`), { done: "The key is revoked." });
  if (done) app.reload();
}
