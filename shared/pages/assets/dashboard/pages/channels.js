// Accounts of providers: which are connected, and connecting another.

import { el, icon, named, toast } from "../../dom.js";
import { openDialog } from "../../dialog.js";
import { pathOf } from "../address.js";
import { form } from "../forms.js";
import { pagedList } from "../lists.js";
import { button, codeLine, empty, light, linkButton, note, pageHead, section, when } from "../ui.js";
import { KINDS, bodyOf, identityOf } from "./channel-kinds.js";

/** What is to be said of an account's state. */
export function channelState(channel) {
  if (channel.status !== "active") return light("off", "Off");
  if (channel.verification === "pending") return light("warn", "Not proven: receives nothing");
  if (channel.status_reason) return light("bad", "Cannot send");
  return light("good", channel.verification === "assumed" ? "Active, not proven" : "Active");
}

export async function show(app) {
  const [first, kind] = app.rest;
  if (first === "new") return kind ? connect(app, kind) : choose(app);
  if (first) return (await import("./channel.js")).show(app, first);
  const against = app.against("admin");
  const add = () => button("Connect a channel", () => app.go(pathOf("channels", "new")), { kind: "primary", against });
  const list = pagedList(app, {
    label: "Channels",
    load: async () => ({ rows: (await app.api.get("channels", null, { signal: app.signal })).channels, next: null }),
    none: () => empty("No channel is connected yet", "Customers write to you on WhatsApp, by SMS, by email, and more. Connect the first account; it takes some ten minutes, most of them at the provider.", add()),
    open: (channel) => app.go(pathOf("channels", channel.id)),
    columns: [
      { title: "Account", cell: (channel) => [el("a", { href: pathOf("channels", channel.id) }, el("strong", null, named(channel.name))), el("span", { class: "sub" }, named(identityOf(channel)))] },
      { title: "Kind", cell: ({ kind: which }) => [icon(KINDS[which]?.icon ?? "channel"), ` ${KINDS[which]?.label ?? which}`] },
      { title: "State", cell: (channel) => [channelState(channel), (channel.verification_error || channel.status_reason) && el("span", { class: "sub" }, channel.verification_error || channel.status_reason)] },
      { title: "Changed", cell: ({ updated_at }) => when(updated_at) },
    ],
  });
  await list.ready;
  return [pageHead("Channels", "Accounts at the providers by which customers write to you.", add()), list];
}

function choose(app) {
  app.name("Connect a channel");
  return [
    pageHead("Connect a channel", "Which kind of account is it?", linkButton("All channels", pathOf("channels"))),
    el("div", { class: "grid" }, Object.entries(KINDS).map(([kind, { label, icon: glyph, of, before }]) => el("a", { class: "panel choice-card", href: pathOf("channels", "new", kind) },
      el("strong", null, icon(glyph), ` ${label}`), el("span", { class: "faint" }, `At ${of}. ${before[0]}`)))),
  ];
}

function connect(app, kind) {
  const known = KINDS[kind];
  if (!known) return [pageHead("Connect a channel"), empty("There is no such kind", "Choose one of those that there are.", linkButton("All kinds", pathOf("channels", "new")))];
  app.name(`Connect ${known.label}`);
  const against = app.against("admin");
  const fields = [{ name: "name", label: "Name", required: true, placeholder: "Support", help: "What you call the account." }, ...known.fields].map((field) => ({ ...field, disabled: Boolean(against), ...(field.credential && { path: `credentials.${field.name}` }) }));
  return [
    pageHead(`Connect ${known.label}`, "Copy these from the provider. What is secret is encrypted, and never shown again.", linkButton("Another kind", pathOf("channels", "new"))),
    section("You need", el("ul", { class: "dots" }, known.before.map((text) => el("li", null, text)))),
    section("The account", form({
      label: "Connect", against, fields,
      async submit(values) {
        const made = await app.api.post("channels", { kind, ...bodyOf(fields, values) });
        toast(made.channel.verification === "verified" ? "Connected, and proven to be yours." : "Connected. One step is left.");
        await handOver(made);
        app.go(pathOf("channels", made.channel.id));
      },
    })),
  ];
}

/** What is shown only now: the address of a webhook that could not be made for somebody. */
function handOver({ webhook, crm_card: card }) {
  const parts = [["webhook", webhook, "The webhook could not be made there. Enter this address there yourself"], ["card", card, "The CRM card could not be made there. Enter this address there yourself"]];
  const left = parts.filter(([, part]) => part?.url);
  if (left.length === 0) return null;
  return new Promise((resolve) => {
    const dialog = openDialog("Enter this at the provider", [
      left.map(([, part, text]) => [el("p", null, text, part.error && `: ${part.error}`), codeLine(part.url), part.events?.length > 0 && el("p", { class: "faint" }, `Events: ${part.events.join(", ")}`)]),
      note("The end of the address is a secret, which is not shown again.", "warn"),
      el("div", { class: "dialog-foot" }, el("span"), el("button", { type: "button", class: "button primary", click: () => dialog.close() }, "I have entered it")),
    ], { wide: true, sticky: true, closed: resolve });
  });
}
