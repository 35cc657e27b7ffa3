// People of the business.

import { el, named, toast } from "../../dom.js";
import { plainName } from "../../format.js";
import { busy, confirmAct, showSecret } from "../acts.js";
import { formDialog } from "../forms.js";
import { paged, pagedList } from "../lists.js";
import { button, empty, note, when } from "../ui.js";

const ROLES = [
  ["viewer", "Viewer: reads conversations, customers, settings and figures"], ["agent", "Agent: also answers customers"],
  ["admin", "Admin: also sets everything up"], ["owner", "Owner: also owners, sign-in and retention"],
];

export async function show(app) {
  const against = app.against("admin");
  const rolesFor = ROLES.filter(([role]) => role !== "owner" || !app.against("owner"));
  // Who is no owner neither makes nor changes one.
  const ofOwner = (member) => against ?? (member.role === "owner" ? app.against("owner") : null);
  const invite = button("Invite somebody", () => inviteMember(app, rolesFor), { kind: "primary", against, glyph: "plus" });
  const list = pagedList(app, {
    label: "Members",
    load: async (_, cursor) => paged(await app.api.get("members", { cursor, limit: 50 }, { signal: app.signal }), "members"),
    none: () => empty("Nobody signs in yet", "Invite the people who look after this business. Each gets a link of their own.", button("Invite somebody", () => inviteMember(app, rolesFor), { kind: "primary", against })),
    columns: [
      { title: "Name", cell: (member) => [el("strong", null, named(member.name || member.email)), el("span", { class: "sub" }, member.email)] },
      { title: "Role", cell: ({ role }) => role },
      { title: "Signed in", cell: ({ signed_in_at }) => when(signed_in_at, "not yet") },
      {
        title: "", kind: "acts", cell: (member) => [
          button("Change", () => change(app, member, rolesFor), { against: ofOwner(member) }),
          button("Link", (event) => link(app, event, member), { against: ofOwner(member) }),
          button("Remove", () => remove(app, member), { against: ofOwner(member) ?? (member.id === app.me.member?.id ? "You cannot remove yourself. Have somebody else do it." : null) }),
        ],
      },
    ],
  });
  await list.ready;
  return [el("div", { class: "acts" }, invite), list];
}

async function inviteMember(app, roles) {
  const made = await formDialog("Invite somebody", {
    label: "Invite",
    fields: [
      { name: "email", label: "Email", kind: "email", required: true, placeholder: "ann@example.com" },
      { name: "name", label: "Name", required: true },
      { name: "role", label: "Role", kind: "select", required: true, options: roles, value: "agent" },
    ],
    submit: (values) => app.api.post("members", values),
  });
  if (!made) return;
  await reveal(made);
  app.reload();
}

async function reveal({ member, sign_in_url: url, email_error: trouble }) {
  if (!url) return toast(`A link was sent to ${member.email}. It is good once, for 15 minutes.`);
  await showSecret("A link to sign in", `Hand this link to ${plainName(member.name) || member.email}. It is good once, for 15 minutes.`, url, trouble && note(`It could not be sent by email: ${trouble}`, "bad"));
}

async function link(app, event, member) {
  const made = await busy(event, () => app.api.post(`members/${encodeURIComponent(member.id)}/sign-in-link`));
  if (made) await reveal(made);
}

async function change(app, member, roles) {
  const done = await formDialog("Change a member", {
    label: "Save",
    fields: [
      { name: "name", label: "Name", required: true, value: member.name },
      { name: "role", label: "Role", kind: "select", required: true, options: roles, value: member.role, help: "It counts from their next click on." },
    ],
    submit: (values) => app.api.patch(`members/${encodeURIComponent(member.id)}`, values),
  });
  if (done) app.reload();
}

async function remove(app, member) {
  const done = await confirmAct("Remove this member?", el("p", null, el("strong", null, named(member.name || member.email)), " is signed out at once, everywhere, and cannot sign in again. What they did stays in the audit log."), "Remove",
    () => app.api.remove(`members/${encodeURIComponent(member.id)}`), { done: "The member is removed." });
  if (done) app.reload();
}
