// Members and their sessions.

import { ago, fresh, missing, pageOf, refused, uuid } from "./dashboard-world.mjs";

/** The cookie that has a session. */
export const COOKIE = "__Host-tieline";

/** Opens a session of { role, support }; gives the header that signs a browser in with it. */
export function openSession(sessions, { role, support = null, age = 604_800 }) {
  const id = `s${sessions.size + 1}x${fresh().slice(-6)}`;
  sessions.set(id, { role, support, csrf: `csrf-${id}` });
  return { "set-cookie": `${COOKIE}=${id}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${age}` };
}

export const membersOf = (text) => ({
  members: [
    { id: uuid(11), email: "ada@fjord.example", name: text("Ada Byrne"), role: "owner", created_at: ago(90_000), signed_in_at: ago(30) },
    { id: uuid(12), email: "ben@fjord.example", name: text("Ben Okafor"), role: "admin", created_at: ago(50_000), signed_in_at: ago(3000) },
    { id: uuid(13), email: "cleo@fjord.example", name: text("Cleo Lima"), role: "agent", created_at: ago(9000), signed_in_at: null },
    { id: uuid(14), email: "dee@fjord.example", name: text(""), role: "viewer", created_at: ago(100), signed_in_at: null },
  ],
});

const memberOf = (world, id) => world.members.find((one) => one.id === id) ?? fail("member");
function fail(what) {
  throw missing(what);
}
const memberNamed = (world, role) => {
  const member = world.members.find((one) => one.role === role);
  return { member_id: member?.id ?? null, member_name: member?.name ?? null };
};
const owners = (world) => world.members.filter((one) => one.role === "owner");
const linkFor = (base, member) => ({ member, sign_in_url: `${base}/dashboard/sign-in#tok_${fresh().slice(-6)}`, email_error: null });

function mayMake(session, role) {
  if (role === "owner" && session.role !== "owner") throw refused(403, "insufficient_scope", "This needs the role owner.");
}

export const MEMBERS = {
  me_get: ({ world, session }) => ({ json: { business: world.business, member: (!session.support && world.members.find((one) => one.role === session.role)) || null, role: session.role, csrf_token: session.csrf } }),
  member_list: ({ world, query }) => ({ json: pageOf(world.members, query, "members") }),
  member_invite({ world, body, session, base }) {
    if (!/.@./.test(body.email ?? "")) throw refused(422, "invalid_request", "`email` must be an email address.", [{ path: "email", rule: "email" }]);
    if (world.members.some((one) => one.email === body.email)) throw refused(409, "conflict", "A member of the business has this address.");
    mayMake(session, body.role);
    const member = { id: fresh(), email: body.email, name: body.name ?? "", role: body.role, created_at: ago(0), signed_in_at: null };
    world.members.push(member);
    // Addresses by which mails are taken, and refused; for all others the deployment has no account.
    if (/^mail/.test(member.email)) return { status: 201, json: { member, sign_in_url: null, email_error: null } };
    return { status: 201, json: { ...linkFor(base, member), ...(/^refused/.test(member.email) && { email_error: "The domain is not verified." }) } };
  },
  member_update({ world, params, body, session }) {
    const member = memberOf(world, params.id);
    mayMake(session, member.role);
    mayMake(session, body.role);
    if (member.role === "owner" && body.role && body.role !== "owner" && owners(world).length === 1) throw refused(409, "conflict", "They are the last owner. Make another owner first.");
    return { json: Object.assign(member, body) };
  },
  member_remove({ world, params, session }) {
    const member = memberOf(world, params.id);
    mayMake(session, member.role);
    if (member.role === "owner" && owners(world).length === 1) throw refused(409, "conflict", "They are the last owner. Make another owner first.");
    world.members = world.members.filter((one) => one !== member);
    return { status: 204 };
  },
  member_sign_in_link: ({ world, params, base }) => ({ json: linkFor(base, memberOf(world, params.id)) }),
  session_list: ({ world, sessions, sessionId }) => ({ json: { sessions: [...sessions].map(([id, { role, support = null }]) => ({ id, key_id: support ? "support" : "", ...(support ? { member_id: null, member_name: null } : memberNamed(world, role)), created_at: ago(20), expires_at: ago(-600), support_reason: support, current: id === sessionId })) } }),
  session_end({ sessions, params }) {
    if (!sessions.delete(params.id)) throw missing("session");
    return { status: 204 };
  },
};
