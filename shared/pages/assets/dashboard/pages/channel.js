// One account: whether it works, what is left to do at the provider, and what can be changed.

import { el, fill, icon, named, toast } from "../../dom.js";
import { plainName } from "../../format.js";
import { busy, confirmAct } from "../acts.js";
import { pathOf } from "../address.js";
import { formDialog } from "../forms.js";
import { button, codeBlock, codeLine, facts, light, linkButton, note, pageHead, section, when } from "../ui.js";
import { KINDS, bodyOf, identityOf } from "./channel-kinds.js";
import { channelState } from "./channels.js";

const PROOFS = { verified: ["good", "Proven to be yours"], assumed: ["warn", "Not proven; it receives until another business proves it"], pending: ["warn", "Not proven; it receives nothing until it is"] };

export async function show(app, id) {
  const path = `channels/${encodeURIComponent(id)}`;
  const { channel } = await app.api.get(path, null, { signal: app.signal });
  const known = KINDS[channel.kind] ?? { label: channel.kind, icon: "channel", fields: [], after: () => [] };
  app.name(channel.name);
  const against = app.against("admin");
  const result = el("div", { role: "status" });
  const test = button("Test", (event) => busy(event, async () => {
    fill(result, el("p", { class: "faint" }, "Asking the provider…"));
    try {
      fill(result, testResult(await app.api.post(`${path}/test`)));
    } catch (error) {
      fill(result);
      throw error;
    }
  }), { kind: "primary", against });
  const steps = known.after(channel);
  return [
    pageHead(channel.name, null, linkButton("All channels", pathOf("channels")), button("Change…", () => change(app, path, channel, known), { against }), test),
    result,
    section("Account", facts([
      ["Kind", [icon(known.icon), ` ${known.label}`]], ["Account", named(identityOf(channel))], ["State", channelState(channel)],
      ["Cannot send", channel.status_reason], ["Owner", light(...(PROOFS[channel.verification] ?? ["off", channel.verification]))], ["Why not", channel.verification_error],
      ["Connected", when(channel.created_at)], ["Changed", when(channel.updated_at)],
    ])),
    steps.length > 0 && section("At the provider", el("ol", { class: "steps" }, steps.map(({ text, copies, isText }) => el("li", null, el("div", null, el("p", null, text), copies && codeLine(isText ? copies : channel[copies] ?? ""))))),
      el("p", { class: "faint" }, "Then write a message to the account, and press “Test”.")),
    steps.length === 0 && section("Callback", el("p", null, "The provider calls this address."), codeLine(channel.webhook_url)),
    section(channel.status === "active" ? "Switch off" : "Switch on",
      el("p", null, channel.status === "active" ? "While it is off, nothing is received and nothing sent. What customers write meanwhile is lost, unless the provider tries again." : "Messages are received and sent again."),
      el("div", { class: "acts" }, channel.status === "active" ? button("Switch off…", () => switchOff(app, path, channel), { against }) : button("Switch on", (event) => busy(event, async () => {
        await app.api.patch(path, { status: "active" });
        toast("The account is on.");
        app.reload();
      }), { against }))),
    section("Remove", el("p", null, "The account goes, with its credentials. Its conversations stay."), el("div", { class: "acts" }, button("Remove…", () => remove(app, path, channel), { against }))),
  ];
}

function testResult({ ok, error, detail }) {
  return [
    ok ? note([el("strong", null, "It works. "), "The provider knows the account and accepts its token."], "good") : note([el("strong", null, "It does not work. "), error || "The provider does not say why."], "bad"),
    Object.keys(detail ?? {}).length > 0 && codeBlock(JSON.stringify(detail, null, 2), "What the provider says"),
  ];
}

async function change(app, path, channel, known) {
  const editable = known.fields.filter(({ name }) => name !== known.identity && !["phone_number_id", "page_id", "provider", "account_sid", "account_id"].includes(name));
  const fields = [{ name: "name", label: "Name", required: true, value: channel.name }, ...editable.map((field) => ({
    ...field, required: false, ...(field.credential ? { path: `credentials.${field.name}`, help: `${field.help ? `${field.help} ` : ""}Empty: it stays as it is.`, value: "" } : { value: channel[field.name] ?? field.value }),
  }))];
  if (known.identity === "display_phone_number") fields.splice(1, 0, { name: "display_phone_number", label: "Number", value: channel.display_phone_number });
  const done = await formDialog(`Change ${plainName(channel.name)}`, {
    label: "Save", wide: true, fields,
    async submit(values) {
      const { credentials, ...rest } = bodyOf(fields, values);
      return app.api.patch(path, { ...rest, ...(Object.keys(credentials).length > 0 && { credentials }) });
    },
  });
  if (!done) return;
  toast("Saved.");
  app.reload();
}

async function switchOff(app, path, channel) {
  const done = await confirmAct("Switch this account off?", el("p", null, named(channel.name), " neither receives nor sends until it is switched on again."), "Switch off", () => app.api.patch(path, { status: "disabled" }), { done: "The account is off." });
  if (done) app.reload();
}

async function remove(app, path, channel) {
  const done = await confirmAct("Remove this account?", [
    el("p", null, el("strong", null, named(channel.name)), " stops receiving and sending at once, and its credentials are deleted. To connect it again you need them once more."),
    el("p", null, "Its conversations, messages and files stay."),
  ], "Remove", () => app.api.remove(path), { done: "The account is removed." });
  if (done) app.go(pathOf("channels"));
}
