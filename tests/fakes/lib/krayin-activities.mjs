// Activities: notes, calls, meetings and files, and the log of changes that is kept among them.

import { Answer, Fault, insertOf, missingModel, nullProperty, sqlFault } from "./krayin-errors.mjs";
import { checkedMany, rulesOf } from "./krayin-values.mjs";

const UNLESS = (field) => `The ${field.replace("_", " ")} field is required unless type is in note, file.`;

/** Cuts text at so many bytes, as the database does without a word. */
function cut(text, bytes) {
  const raw = Buffer.from(text);
  return raw.length <= bytes ? text : new TextDecoder().decode(raw.subarray(0, bytes)).replace(/\uFFFD$/, "");
}

/** The wall clock of a date; an offset after it is thrown away. */
function wallOf(value) {
  const found = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?)?/.exec(String(value));
  if (!found || Number.isNaN(Date.parse(found[1]))) {
    const message = `Could not parse '${value}': Failed to parse time string (${value}) at position 0`;
    throw new Fault(500, message, { exception: "Carbon\\Exceptions\\InvalidFormatException", file: "app/vendor/nesbot/carbon/src/Carbon/Traits/Creator.php", line: 190 });
  }
  return `${found[1]} ${found[2] ?? "00:00"}${found[3] ?? ":00"}`;
}

/** The column is JSON by its check: other text is refused by the database. */
function jsonOf(text) {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    throw sqlFault("SQLSTATE[23000]: Integrity constraint violation: 4025 CONSTRAINT `activities.additional` failed for `krayin`.`activities`", `insert into \`activities\` (\`additional\`) values (${text})`);
  }
}

/** An answer that is a redirect although JSON was asked for. */
export class Redirect extends Error {}

export function activitiesOf({ store, shapes, emit, random }) {
  const { tables, find } = store;
  const links = (kind, id) => (kind === "leads" ? { lead_id: id } : { person_id: id });

  /** A line of the log. Its author is the user of the call, or the first one. */
  function logged(kind, id, title, additional) {
    store.insert("activities", {
      title, type: "system", comment: null, additional, schedule_from: null, schedule_to: null, is_done: 1, user_id: log.by ?? 1, location: null, files: [], participants: [],
      lead_id: null, person_id: null, ...links(kind, id),
    });
  }
  const log = {
    by: undefined,
    created: (kind, id) => logged(kind, id, "Created", null),
    changed: (kind, id, name, value, old) => logged(kind, id, `Updated ${name}`, { attribute: name, new: { value, label: value }, old: { value: old, label: old } }),
    valued: (kind, id, name, value, old) => {
      if (kind !== "organizations") logged(kind, id, `Updated ${name}`, { attribute: name, new: value, old });
    },
  };

  function activityAt(id) {
    const row = find("activities", id);
    if (!row) throw missingModel("Activity\\Models\\Activity", id);
    return row;
  }

  function check(body) {
    const rules = rulesOf();
    rules.required(body, "type");
    const { type, comment, file } = body;
    if (type === "note" && (comment ?? "") === "") rules.add("comment", "The comment field is required when type is note.");
    if (type !== "note" && type !== "file") {
      for (const field of ["schedule_from", "schedule_to"]) if ((body[field] ?? "") === "") rules.add(field, UNLESS(field));
    }
    if (type === "file" && !file) rules.add("file", "The file field is required when type is file.");
    rules.done();
  }

  const participantsOf = ({ users = [], persons = [] }) => [...users.map((id) => ({ user_id: Number(id) })), ...persons.map((id) => ({ person_id: Number(id) }))];

  /** Whether something of the same people lies in this time; of everybody where nobody is named. */
  function overlaps(from, to, participants) {
    const isSame = (a, b) => (a.user_id ?? -1) === (b.user_id ?? -2) || (a.person_id ?? -1) === (b.person_id ?? -2);
    return tables.activities.some((other) => other.schedule_from !== null && other.schedule_from <= to && other.schedule_to >= from
      && (participants.length === 0 || other.participants.some((one) => participants.some((mine) => isSame(one, mine)))));
  }

  /** Links by the listener, after the row is there: what it points at may be missing. */
  function link(row, { lead_id: lead, person_id: person }) {
    const kind = lead ? "leads" : person ? "persons" : undefined;
    if (!kind) return;
    const target = find(kind, lead || person);
    if (!target) throw nullProperty("activities", "app/packages/Webkul/Admin/src/Listeners/Activity.php", 33);
    Object.assign(row, links(kind, target.id));
  }

  function columnsOf(body) {
    const { additional } = body;
    return {
      ...("type" in body && { type: body.type }),
      ...("title" in body && { title: body.title === null ? null : [...String(body.title)].slice(0, 255).join("") }),
      ...("comment" in body && { comment: body.comment === null ? null : cut(String(body.comment), 65_535) }),
      ...("location" in body && { location: body.location }),
      ...(additional !== undefined && { additional: jsonOf(additional) }),
      ...(body.schedule_from && { schedule_from: wallOf(body.schedule_from) }),
      ...(body.schedule_to && { schedule_to: wallOf(body.schedule_to) }),
      ...(body.participants && { participants: participantsOf(body.participants) }),
    };
  }

  function create(body, { user, isAjax }) {
    check(body);
    const { type, additional } = body;
    if (additional !== null && typeof additional === "object") {
      const { lead_id: _lead, person_id: _person, participants: _participants, ...columns } = body;
      throw sqlFault("Array to string conversion", insertOf("activities", { ...columns, additional: "?", is_done: type === "note" ? 1 : 0, user_id: user.id }, store.now()));
    }
    const data = columnsOf(body);
    if (type === "meeting" && overlaps(data.schedule_from, data.schedule_to, data.participants ?? [])) {
      if (!isAjax) throw new Redirect();
      throw new Answer(400, { message: "Participants have another meeting at this time." });
    }
    const nothing = { title: null, comment: null, additional: null, schedule_from: null, schedule_to: null, location: null, participants: [], files: [], lead_id: null, person_id: null };
    const row = store.insert("activities", { ...nothing, ...data, is_done: type === "note" ? 1 : 0, user_id: user.id });
    if (body.file) {
      const ending = /\.\w+$/.exec(body.file.name)?.[0] ?? "";
      const path = `activities/${row.id}/${random(40)}${ending}`;
      row.files.push({ id: store.next("files"), name: body.name ?? body.file.name, path, bytes: body.file.bytes, created_at: store.now(), updated_at: store.now() });
    }
    link(row, body);
    emit("activity.create.after", "activities", row);
    return { data: shapes.activity(row), message: "Activity created successfully." };
  }

  function update(id, body) {
    const row = activityAt(id);
    store.update(row, { ...columnsOf(body), ...("is_done" in body && { is_done: Number(body.is_done) }) });
    link(row, body);
    emit("activity.update.after", "activities", row);
    return { data: shapes.activity(row), message: "Activity updated successfully." };
  }

  function updateMany(body) {
    const { indices, value } = checkedMany(body);
    for (const row of tables.activities) if (indices.map(String).includes(String(row.id))) store.update(row, { is_done: Number(value) });
    return { message: "Activities updated successfully." };
  }

  function remove(id) {
    const row = activityAt(id);
    emit("activity.delete.before", "activities", row);
    store.remove("activities", row);
    return { message: "Activity deleted successfully." };
  }

  return {
    log, create, update, updateMany, remove,
    shown: (id) => ({ data: shapes.activity(activityAt(id)) }),
    /** All of one lead or person, newest first, without pages; of an unknown one there are none. */
    of: (kind, id) => {
      const column = kind === "leads" ? "lead_id" : "person_id";
      return { data: tables.activities.filter((row) => String(row[column]) === id).reverse().map(shapes.activity) };
    },
  };
}
