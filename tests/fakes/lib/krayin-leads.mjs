// Leads: what decides the stage, what an update loses, and the four ways to change one.

import { foreignFault, insertOf, missingModel, nullProperty, undefinedKey, unrecorded } from "./krayin-errors.mjs";
import { decimal, dollars } from "./krayin-shapes.mjs";
import { checkedMany, rulesOf } from "./krayin-values.mjs";

const COLUMNS = [
  "title", "description", "lead_value", "lost_reason", "closed_at", "user_id", "person_id",
  "lead_source_id", "lead_type_id", "lead_pipeline_id", "lead_pipeline_stage_id", "expected_close_date",
];
const CONTROLLER = "app/vendor/krayin/rest-api/src/Http/Controllers/V1/Lead/LeadController.php";
const FOREIGN = [["lead_source_id", "sources", "lead_sources"], ["lead_type_id", "types", "lead_types"], ["user_id", "users", "users"], ["person_id", "persons", "persons"]];

export function leadsOf({ store, values, shapes, activities, contacts, emit }) {
  const { tables, find } = store;
  const stages = () => tables.pipelines.flatMap((pipeline) => pipeline.stages.map((stage) => ({ ...stage, pipeline })));
  const stageAt = (id) => stages().find((stage) => String(stage.id) === String(id));

  function leadAt(id) {
    const row = find("leads", id);
    if (!row) throw missingModel("Lead\\Models\\Lead", id);
    return row;
  }

  function check(body, own) {
    if (body.products !== undefined) throw unrecorded("products of a lead");
    const rules = rulesOf();
    values.check(rules, "leads", body, { own });
    if (body.person && typeof body.person === "object") values.check(rules, "persons", body.person, { prefix: "person.", own: body.person.id });
    rules.done();
  }

  /** The stage that a body asks for; 0 is the first one of the default pipeline. */
  function stageOf(body, line) {
    if (!("lead_pipeline_stage_id" in body)) throw undefinedKey("lead_pipeline_stage_id", CONTROLLER, line);
    const wanted = body.lead_pipeline_stage_id;
    const fallback = tables.pipelines.find(({ is_default }) => is_default).stages[0].id;
    const stage = stageAt(Number(wanted) === 0 ? fallback : wanted);
    if (!stage) throw missingModel("Lead\\Models\\Stage", wanted);
    return { lead_pipeline_stage_id: stage.id, lead_pipeline_id: stage.pipeline.id };
  }

  /** The person of a body: of an id all else is ignored; without one a person is made, and stays. */
  function personOf({ person, person_id }) {
    if (!person || typeof person !== "object") return person_id === undefined ? {} : { person_id };
    if (!person.id) return { person_id: contacts.insertPerson(person).id };
    if (!find("persons", person.id)) throw missingModel("Contact\\Models\\Person", person.id);
    return { person_id: Number(person.id) };
  }

  const isClosed = (id) => ["won", "lost"].includes(stageAt(id)?.code);
  const columnsOf = (data) => Object.fromEntries(Object.entries(data).filter(([name]) => COLUMNS.includes(name)));
  /** A column of a date or a time keeps the digits that begin a text. */
  function dateOf(value, length) {
    if (value === null || value === "") return null;
    if (!/^\d{4}-\d\d-\d\d/.test(value)) throw unrecorded(`the date ${JSON.stringify(value)} in an unchecked column`);
    return value.replace("T", " ").slice(0, length);
  }
  function stored(data) {
    const row = { ...data };
    if ("lead_value" in row) row.lead_value = decimal(row.lead_value);
    if ("title" in row) row.title ??= "";
    if ("expected_close_date" in row) row.expected_close_date = dateOf(row.expected_close_date, 10);
    if ("closed_at" in row) row.closed_at = dateOf(row.closed_at, 19);
    return row;
  }

  function checkForeign(data, sql) {
    for (const [column, table, target] of FOREIGN) {
      if (data[column] && !find(table, data[column])) throw foreignFault("leads", column, target, column === "person_id" ? "RESTRICT" : "CASCADE", sql);
    }
  }

  function create(body) {
    check(body);
    const stage = stageOf(body, 88);
    const closed_at = isClosed(stage.lead_pipeline_stage_id) ? store.now() : null;
    const data = { ...body, ...stage, ...personOf(body), closed_at };
    const id = store.next("leads");
    checkForeign(data, insertOf("leads", columnsOf(data), store.now()));
    const nothing = Object.fromEntries(COLUMNS.map((name) => [name, null]));
    const row = store.insert("leads", { ...nothing, title: "", ...stored(columnsOf(data)), status: 1, tags: [] }, id);
    activities.created("leads", id);
    values.save("leads", id, data);
    emit("lead.create.after", "leads", row);
    return { data: shapes.lead(row, { title: body.title ?? null, lead_value: body.lead_value ?? null }), message: "Lead created successfully." };
  }

  /** What every update but the one of many leads passes through. */
  function change(row, data) {
    const columns = columnsOf(data);
    if (data.lead_pipeline_stage_id !== undefined) {
      const stage = stageAt(data.lead_pipeline_stage_id);
      if (!stage) throw nullProperty("code", "app/packages/Webkul/Lead/src/Repositories/LeadRepository.php", 0);
      columns.closed_at = isClosed(stage.id) ? columns.closed_at ?? store.now() : null;
    }
    checkForeign(columns, `update \`leads\` set ${Object.keys(columns).map((name) => `\`${name}\``).join(", ")} where \`id\` = ${row.id}`);
    const before = { ...row };
    store.update(row, stored(columns));
    for (const name of ["closed_at", "lost_reason"]) if (before[name] !== row[name]) activities.changed("leads", row.id, name, row[name], before[name]);
    values.save("leads", row.id, data);
    emit("lead.update.after", "leads", row);
    return { data: shapes.lead(row, "lead_value" in data ? { lead_value: data.lead_value } : {}), message: "Lead updated successfully." };
  }

  function update(id, body) {
    check(body, id);
    const stage = stageOf(body, 125);
    const row = leadAt(id);
    const { lost_reason: reason, closed_at: closed, ...data } = body;
    return change(row, { expected_close_date: null, ...data, ...(reason !== undefined && { lost_reason: reason }), ...(closed && { closed_at: closed }), ...stage, ...personOf(body) });
  }

  function moveStage(id, body) {
    const rules = rulesOf();
    const wanted = body.lead_pipeline_stage_id;
    if (rules.required(body, "lead_pipeline_stage_id") && !stageAt(wanted)) rules.add("lead_pipeline_stage_id", "The selected lead pipeline stage id is invalid.");
    rules.done();
    const row = leadAt(id);
    if (stageAt(wanted).pipeline.id !== row.lead_pipeline_id) throw missingModel("Lead\\Models\\Stage", wanted);
    return change(row, { lead_pipeline_stage_id: Number(wanted) });
  }

  /** Single fields, unchecked; the close date goes when it is not sent along. */
  const editAttributes = (id, body) => change(leadAt(id), { expected_close_date: null, ...body });

  function moveMany(body) {
    const { indices, value } = checkedMany(body);
    for (const row of tables.leads) if (indices.map(String).includes(String(row.id))) store.update(row, { lead_pipeline_stage_id: Number(value) });
    return { data: { message: "Lead updated successfully." } };
  }

  function remove(id) {
    const row = leadAt(id);
    emit("lead.delete.before", "leads", row);
    store.remove("leads", row);
    values.forget("leads", row.id);
    return { data: { message: "Lead deleted successfully." } };
  }

  /** The board: the stages of a pipeline, each with its sum and its first leads. */
  function board(url) {
    const wanted = url.searchParams.get("pipeline_id");
    const pipeline = wanted ? find("pipelines", wanted) : tables.pipelines.find(({ is_default }) => is_default);
    if (!pipeline) throw missingModel("Lead\\Models\\Pipeline", wanted);
    const data = pipeline.stages.map((stage) => {
      const rows = tables.leads.filter((row) => row.lead_pipeline_stage_id === stage.id && row.lead_pipeline_id === pipeline.id);
      const sum = rows.length === 0 ? 0 : decimal(rows.reduce((total, { lead_value: value }) => total + Number(value ?? 0), 0));
      const shown = rows.slice(0, 10).map((row) => shapes.lead(row));
      const meta = { current_page: 1, from: shown.length ? 1 : null, last_page: Math.max(1, Math.ceil(rows.length / 10)), per_page: 10, to: shown.length || null, total: rows.length };
      return { ...shapes.stage(stage), lead_value: sum, formatted_lead_value: dollars(sum), leads: { data: shown, meta } };
    });
    return { data };
  }

  return { create, update, moveStage, editAttributes, moveMany, remove, board, change, shown: (id) => ({ data: shapes.lead(leadAt(id)) }) };
}
