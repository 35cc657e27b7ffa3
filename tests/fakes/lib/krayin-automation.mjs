// Webhooks and workflows in the settings of Krayin. What they answer was read in the code of krayin/rest-api
// 2.1.1 and krayin/laravel-crm 2.1.0 and recorded of nobody, but for the list of webhooks: without the option
// `workflowsApi` they say so.

import { Fault, insertOf, missingModel, nullProperty, sqlFault, unrecorded } from "./krayin-errors.mjs";
import { rulesOf } from "./krayin-values.mjs";

const TYPES = { payload_type: ["default", "x-www-form-urlencoded", "raw"], raw_payload_type: ["json", "text"] };
const TEXTS = ["name", "entity_type", "description", "method", "end_point", "payload_type", "raw_payload_type"];
const WEBHOOK = ["name", "entity_type", "description", "method", "end_point", "query_params", "headers", "payload_type", "raw_payload_type", "payload"];
const NEEDED = ["name", "entity_type", "method", "end_point", "payload_type"];
const WORKFLOW = ["name", "description", "entity_type", "event", "condition_type", "conditions", "actions"];
const CONTROLLER = "app/vendor/krayin/rest-api/src/Http/Controllers/V1/Setting/WorkflowController.php";

export function automationOf({ store, options }) {
  const { tables, find } = store;
  const words = (name) => name.replaceAll("_", " ");
  const times = ({ created_at, updated_at }) => ({ created_at: store.shown(created_at), updated_at: store.shown(updated_at) });
  const picked = (body, names) => Object.fromEntries(names.filter((name) => name in body).map((name) => [name, body[name]]));

  /** Of a webhook as its request's rules have it; other keys are dropped. */
  function checked(body) {
    const rules = rulesOf();
    for (const name of NEEDED) rules.required(body, name);
    for (const name of TEXTS) {
      const value = body[name];
      if (value === undefined || value === null || value === "") continue;
      if (typeof value !== "string") rules.add(name, `The ${words(name)} must be a string.`);
      else if ([...value].length > 255) rules.add(name, `The ${words(name)} must not be greater than 255 characters.`);
      if (TYPES[name] && !TYPES[name].includes(value)) rules.add(name, `The selected ${words(name)} is invalid.`);
    }
    rules.done();
    return picked(body, WEBHOOK);
  }

  /** A column without a default that nothing was given for. */
  function needsColumns(table, values, columns) {
    for (const name of columns) {
      if (values[name] === undefined) throw sqlFault(`SQLSTATE[HY000]: General error: 1364 Field '${name}' doesn't have a default value`, insertOf(table, values, store.now()));
      if (values[name] === null) throw sqlFault(`SQLSTATE[23000]: Integrity constraint violation: 1048 Column '${name}' cannot be null`, insertOf(table, values, store.now()));
    }
  }

  const webhook = (row) => ({ id: row.id, ...Object.fromEntries(WEBHOOK.map((name) => [name, row[name] ?? null])), ...times(row) });
  // Their resource tells the type of the entity where the event belongs.
  const workflow = (row) => ({ id: row.id, ...Object.fromEntries(WORKFLOW.map((name) => [name, row[name] ?? null])), event: row.entity_type, ...times(row) });

  function insertWebhook(values) {
    needsColumns("webhooks", values, ["raw_payload_type"]);
    return store.insert("webhooks", { description: null, query_params: null, headers: null, payload: null, ...values });
  }

  function insertWorkflow(values) {
    needsColumns("workflows", values, ["entity_type", "event"]);
    return store.insert("workflows", { description: null, condition_type: "and", conditions: null, actions: null, ...values });
  }

  function webhookAt(id) {
    const row = find("webhooks", id);
    if (!row) throw missingModel("Automation\\Models\\Webhook", id);
    return row;
  }

  function named(body) {
    const rules = rulesOf();
    rules.required(body, "name");
    rules.done();
    return picked(body, WORKFLOW);
  }

  function updateWorkflow({ body }, id) {
    const row = find("workflows", id);
    const values = named(body);
    if (!row) throw missingModel("Automation\\Models\\Workflow", id);
    store.update(row, values);
    return { data: workflow(row), message: "Workflow updated successfully." };
  }

  /** Its failure is told with 200: the status is given to a constructor that takes none. */
  function removeWorkflow(_, id) {
    if (!/^\d+$/.test(id)) throw new Fault(500, `Argument #1 ($id) must be of type int, string given`, { exception: "TypeError", file: CONTROLLER, line: 0 });
    const row = find("workflows", id);
    if (row) store.remove("workflows", row);
    return { data: { message: row ? "Workflow deleted successfully." : "Workflow delete failed." } };
  }

  function shownWorkflow(_, id) {
    const row = find("workflows", id);
    if (!row) throw nullProperty("id");
    return { data: workflow(row) };
  }

  const ROUTES = {
    "POST settings/webhooks": ({ body }) => ({ data: webhook(insertWebhook(checked(body))), message: "Webhook created successfully." }),
    "GET settings/webhooks/*": (_, id) => ({ data: webhook(webhookAt(id)) }),
    "PUT settings/webhooks/*": ({ body }, id) => {
      const values = checked(body);
      const row = webhookAt(id);
      store.update(row, values);
      return { data: webhook(row), message: "Webhook updated successfully." };
    },
    "DELETE settings/webhooks/*": (_, id) => {
      store.remove("webhooks", webhookAt(id));
      return { message: "Webhook deleted successfully." };
    },
    "POST settings/workflows": ({ body }) => ({ data: workflow(insertWorkflow(named(body))), message: "Workflow created successfully." }),
    "GET settings/workflows/*": shownWorkflow,
    "PUT settings/workflows/*": updateWorkflow,
    "DELETE settings/workflows/*": removeWorkflow,
  };

  return {
    webhook, workflow, insertWebhook, insertWorkflow,
    /** The routes; `list(table, shape)` answers a list. */
    routes: (list) => Object.entries({ ...ROUTES, "GET settings/workflows": list("workflows", workflow) }).map(([known, answer]) => [...known.split(" "), (...call) => {
      if (!options.workflowsApi) throw unrecorded(`what ${known} answers`);
      return answer(...call);
    }]),
  };
}
