// What people do in Krayin's own pages, for tests: the API is not asked, but log and workflows are the same.

/** The hands of people; each waits until the webhooks that it caused were answered. */
export function handsOf({ store, shapes, values, contacts, leads, activities, settings, automation, webhooks, access }) {
  const done = async (answer) => {
    await webhooks.flush();
    return answer;
  };
  const rowOf = (table, id) => {
    const row = store.find(table, id);
    if (!row) throw new Error(`no ${table} ${id}`);
    return row;
  };

  /** Changes columns of a person, and keeps all that is not named. */
  function editPerson(id, columns) {
    const row = rowOf("persons", id);
    store.update(row, columns);
    values.save("persons", row.id, columns);
    webhooks.emit("contacts.person.update.after", "persons", row);
    return done(row);
  }

  return {
    editPerson,
    renamePerson: (id, name) => editPerson(id, { name }),
    /** A person as the pages let one be made, without a phone too. */
    addPerson: (fields) => done(contacts.insertPerson(fields)),
    removePerson: (id) => done(contacts.deletePerson(id)),
    async moveLead(id, stage) {
      const row = rowOf("leads", id);
      leads.change(row, { lead_pipeline_stage_id: stage });
      return done(row);
    },
    removeLead: (id) => done(leads.remove(id)),
    /** A note of a user on a lead or a person: { comment, lead_id | person_id, title, user }. */
    addNote({ user = 1, ...fields }) {
      return done(activities.create({ type: "note", ...fields }, { user: rowOf("users", user), isAjax: true }).data);
    },
    addUser: (fields) => settings.createUser({ password: "s3cret-pass", role_id: 1, status: 1, ...fields }).data,
    addPipeline({ name, stages }) {
      const last = Math.max(...store.tables.pipelines.flatMap((pipeline) => pipeline.stages.map(({ id }) => id)));
      const row = store.insert("pipelines", { name, is_default: 0, rotten_days: 30, stages: stages.map(([code, label], at) => ({ id: last + at + 1, code, name: label })) });
      return shapes.pipeline(row);
    },
    /** A webhook, and the workflow that calls it at an event as "lead.update.after" if `conditions` hold. */
    addWebhook({ event, conditions = [], ...webhook }) {
      const row = automation.insertWebhook({ name: "Tieline", method: "post", entity_type: "leads", payload_type: "default", raw_payload_type: "json", headers: [], payload: [], ...webhook });
      automation.insertWorkflow({ name: "Tieline", entity_type: row.entity_type, event, conditions, actions: [{ id: "trigger_webhook", value: row.id }] });
      return automation.webhook(row);
    },
    /** A token made by an administrator on the server, beside the ones there are. */
    issueToken: (user = 1) => access.issue(rowOf("users", user)),
    /** Somebody else logs in as this user: every token is gone. */
    revokeTokens: (user = 1) => access.revoke(rowOf("users", user)),
  };
}
