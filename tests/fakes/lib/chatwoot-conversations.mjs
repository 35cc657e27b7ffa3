// Conversations of the fake Chatwoot's API: lists, filter, what is written, states, assignments, labels.

import { attributesOf, closed, forbidden, missing, pageOf, rails, refused, sliced } from "./chatwoot.mjs";
import { labelsOf, queryOf } from "./chatwoot-contacts.mjs";
import { filterOf } from "./chatwoot-filters.mjs";
import { messageValues } from "./chatwoot-messages.mjs";
import { reply } from "./server.mjs";

const PAGE = 25;
export const STATUSES = ["open", "resolved", "pending", "snoozed"];
const PRIORITIES = ["low", "medium", "high", "urgent"];
const QUERY = ["status", "assignee_type", "conversation_type", "inbox_id", "team_id", "labels", "page", "q", "sort_by", "source_id", "updated_within"];
const BY = { last_activity_at: ["last_activity_at"], created_at: ["created_at"], priority: ["priority", "last_activity_at", -1], waiting_since: ["waiting_since", "created_at", 1] };
/** The names of before 3.5, which are still taken. */
const OLD_SORTS = { latest: "last_activity_at_desc", sort_on_created_at: "created_at_asc", sort_on_priority: "priority_desc", sort_on_waiting_since: "waiting_since_asc" };

/** An enumerated value; Rails raises for others, and answers with a bug's 500. */
export function enumerated(value, names) {
  if (!names.includes(value)) throw rails(500, "Internal Server Error");
  return value;
}

export function conversationRoutes({ records, shapes, directory, clock }) {
  const { db } = records;
  const visible = (user) => db.conversations.filter(({ inbox_id }) => directory.sees(user, inbox_id));

  function find(id, user) {
    const conversation = records.conversation(id);
    if (!directory.sees(user, conversation.inbox_id)) throw forbidden();
    return conversation;
  }

  function counts(list, user) {
    const unassigned = list.filter(({ assignee_id }) => assignee_id === null).length;
    return { mine_count: list.filter(({ assignee_id }) => assignee_id === user.id).length, assigned_count: list.length - unassigned, unassigned_count: unassigned, all_count: list.length };
  }

  function sorted(list, by) {
    const [, key, direction] = /^(.*)_(asc|desc)$/.exec(OLD_SORTS[by] ?? by) ?? [];
    // The real server takes the last activity for what it does not know.
    if (!Object.hasOwn(BY, key ?? "")) throw refused(422, `Param sort_by must be one of {${Object.keys(BY).join(", ")}} with _asc or _desc.`);
    const [name, second, secondSign] = BY[key];
    const sign = direction === "asc" ? 1 : -1;
    const valueOf = (one) => (name === "priority" ? one.priority && PRIORITIES.indexOf(one.priority) : one[name]);
    return [...list].sort((a, b) => {
      const [x, y] = [valueOf(a), valueOf(b)];
      // NULLS LAST, both ways.
      if (x !== y) return x === null ? 1 : y === null ? -1 : sign * (x - y);
      return (second ? secondSign * (a[second] - b[second]) : 0) || sign * (a.id - b.id);
    });
  }

  /** What a query wants; without a status it is what is open. */
  function wanted(query, user) {
    let list = visible(user);
    const status = query.get("status") ?? "open";
    const words = query.get("q")?.toLowerCase();
    if (words !== undefined) {
      list = list.filter((one) => shapes.messagesOf(one).some(({ message_type, content }) => ["incoming", "outgoing"].includes(message_type) && content?.toLowerCase().includes(words)));
    } else if (status !== "all") list = list.filter((one) => one.status === enumerated(status, STATUSES));
    if (query.has("team_id")) directory.team(query.get("team_id"));
    for (const name of ["inbox_id", "team_id"]) if (query.has(name)) list = list.filter((one) => String(one[name]) === query.get(name));
    if (query.has("source_id")) list = list.filter((one) => shapes.sourceOf(one) === query.get("source_id"));
    list = ofType(list, query.get("conversation_type"));
    const labels = query.getAll("labels[]").concat(query.getAll("labels"));
    return labels.length === 0 ? list : list.filter(({ label_list }) => labels.some((label) => label_list.includes(label)));
  }

  /** Nobody is mentioned here; what is unattended has no answer yet, or waits for another. */
  function ofType(list, type) {
    if (type === "mention") return [];
    if (type === "unattended") return list.filter(({ first_reply_created_at: first, waiting_since: waiting }) => first === null || waiting !== null);
    if (type !== null) throw refused(422, "Param conversation_type must be one of {mention, unattended}.");
    return list;
  }

  function assigned(list, type, user) {
    if (type === "me") return list.filter(({ assignee_id }) => assignee_id === user.id);
    if (type === "unassigned") return list.filter(({ assignee_id }) => assignee_id === null);
    return type === "assigned" ? list.filter(({ assignee_id }) => assignee_id !== null) : list;
  }

  function index(url, user) {
    const query = queryOf(url, QUERY);
    const list = wanted(query, user);
    const chosen = sorted(assigned(list, query.get("assignee_type"), user), query.get("sort_by") ?? "last_activity_at_desc");
    const within = query.get("updated_within");
    // With `updated_within` all are told at once, without pages.
    const shown = within === null ? sliced(chosen, pageOf(query), PAGE) : chosen.filter(({ updated_at }) => updated_at > clock.now() - Number(within) * 1000);
    return { data: { meta: counts(list, user), payload: shown.map(shapes.conversation) } };
  }

  function filter(body, url, user) {
    const list = visible(user).filter(filterOf(body, "conversation_attribute", directory.definitions, clock.now()));
    return { meta: counts(list, user), payload: sliced(sorted(list, "last_activity_at_desc"), pageOf(queryOf(url, ["page"])), PAGE).map(shapes.conversation) };
  }

  function create(body, user) {
    closed(body, ["source_id", "inbox_id", "contact_id", "additional_attributes", "custom_attributes", "status", "assignee_id", "team_id", "snoozed_until", "message"], "conversation");
    const inbox = body.inbox_id === undefined ? undefined : directory.visibleInbox(user, body.inbox_id);
    const session = inbox && body.contact_id !== undefined
      ? records.contactInbox(records.contact(body.contact_id), inbox, body.source_id)
      : db.contactInboxes.find(({ source_id }) => source_id === body.source_id);
    if (!session) throw missing();
    // Checked before anything is stored, since theirs is one transaction.
    const message = body.message && messageValues(body.message, { conversation: session, inbox: directory.visibleInbox(user, session.inbox_id), user });
    const conversation = records.createConversation(session, {
      additional_attributes: attributesOf(body.additional_attributes, "additional_attributes"), custom_attributes: attributesOf(body.custom_attributes, "custom_attributes"),
      ...(body.status !== undefined && { status: enumerated(body.status, STATUSES) }),
      ...(body.assignee_id && { assignee_id: directory.user(body.assignee_id).id }), ...(body.team_id && { team_id: directory.team(body.team_id).id }),
    });
    if (message) records.addMessage(conversation, message);
    return shapes.conversation(conversation);
  }

  function momentOf(value) {
    const at = typeof value === "number" ? value * 1000 : /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value);
    if (Number.isNaN(at)) throw refused(422, "Param snoozed_until must be a time.");
    return at;
  }

  function toggle(conversation, body, user) {
    closed(body ?? {}, ["status", "snoozed_until"], "conversation");
    const status = body?.status ?? (conversation.status === "open" ? "resolved" : "open");
    const values = { status: enumerated(status, STATUSES), ...(body?.snoozed_until !== undefined && { snoozed_until: momentOf(body.snoozed_until) }) };
    records.updateConversation(conversation, values, user);
    // Who opens a conversation as an agent gets it, an administrator does not.
    if (conversation.status === "open" && user.role === "agent") records.updateConversation(conversation, { assignee_id: user.id }, user);
    const { id: conversation_id, status: current_status } = conversation;
    return { meta: {}, payload: { success: true, conversation_id, current_status, snoozed_until: shapes.conversation(conversation).snoozed_until } };
  }

  function assign(conversation, body, user) {
    closed(body, ["assignee_id", "team_id", "assignee_type"], "assignment");
    if (body.assignee_id !== undefined) {
      // Nobody of this id means nobody at all: it unassigns.
      const agent = directory.users.find(({ id }) => String(id) === String(body.assignee_id));
      records.updateConversation(conversation, { assignee_id: agent?.id ?? null }, user);
      return agent ? directory.agentShown(agent) : reply(200, "null", { "content-type": "application/json" });
    }
    if (body.team_id === undefined) return reply(200, "null", { "content-type": "application/json" });
    const team = directory.teams.find(({ id }) => String(id) === String(body.team_id));
    records.updateConversation(conversation, { team_id: team?.id ?? null }, user);
    return team ?? reply(200, "null", { "content-type": "application/json" });
  }

  function replaceAttributes(conversation, body, user) {
    closed(body, ["custom_attributes"], "conversation", ["custom_attributes"]);
    records.updateConversation(conversation, { custom_attributes: attributesOf(body.custom_attributes, "custom_attributes") }, user);
    return { custom_attributes: conversation.custom_attributes };
  }

  function prioritise(conversation, body, user) {
    closed(body, ["priority"], "conversation");
    records.updateConversation(conversation, { priority: body.priority ? enumerated(body.priority, PRIORITIES) : null }, user);
    return reply(200);
  }

  const of = (work) => ({ id, body, user }) => work(find(id, user), body, user);
  return {
    find,
    routes: [
      ["GET", "/conversations", "any", ({ url, user }) => index(url, user)],
      ["GET", "/conversations/meta", "any", ({ url, user }) => ({ meta: counts(wanted(queryOf(url, QUERY), user), user) })],
      ["POST", "/conversations", "bot", ({ body, user }) => create(body, user)],
      ["POST", "/conversations/filter", "any", ({ body, url, user }) => filter(body, url, user)],
      ["GET", "/conversations/:id", "any", of(shapes.conversation)],
      ["PATCH", "/conversations/:id", "bot", of((conversation, body, user) => {
        prioritise(conversation, body, user);
        return shapes.conversation(conversation);
      })],
      ["DELETE", "/conversations/:id", "administrator", ({ id, user }) => {
        const conversation = find(id, user);
        db.conversations.splice(db.conversations.indexOf(conversation), 1);
        db.messages.splice(0, db.messages.length, ...db.messages.filter((one) => one.conversation_id !== conversation.id));
        return reply(200);
      }],
      ["POST", "/conversations/:id/toggle_status", "bot", of(toggle)],
      ["POST", "/conversations/:id/toggle_priority", "bot", of(prioritise)],
      ["POST", "/conversations/:id/custom_attributes", "bot", of(replaceAttributes)],
      ["POST", "/conversations/:id/assignments", "bot", of(assign)],
      ["GET", "/conversations/:id/labels", "any", of(({ label_list }) => ({ payload: label_list }))],
      ["POST", "/conversations/:id/labels", "any", of((conversation, body, user) => {
        records.updateConversation(conversation, { label_list: labelsOf(body) }, user);
        return { payload: conversation.label_list };
      })],
    ],
  };
}
