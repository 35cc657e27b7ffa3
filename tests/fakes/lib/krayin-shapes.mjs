// The resources of the API: what an answer shows of a row.

/** "$1,200.50" */
export const dollars = (value) => `$${Number(value).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

/** A decimal as the database gives it back: text with four places. */
export const decimal = (value) => (value === null || value === undefined || value === "" ? null : Number(value).toFixed(4));

export function shapesOf(store) {
  const { shown, find } = store;
  const times = ({ created_at, updated_at }) => ({ created_at: shown(created_at), updated_at: shown(updated_at) });

  const role = (row) => row && { id: row.id, name: row.name, description: row.description, permission_type: row.permission_type, permissions: row.permissions, ...times(row) };
  const user = (row) => ({
    id: row.id, name: row.name, email: row.email, status: row.status, view_permission: row.view_permission, role: role(find("roles", row.role_id)), ...times(row), image: null, image_url: null,
  });
  const organization = (row, given = {}) => ({ id: row.id, name: "name" in given ? given.name : row.name, address: row.address, ...times(row) });

  /** Organization and owner are left out, not null, where there is none. */
  function person(row, given = {}) {
    const at = row.organization_id && find("organizations", row.organization_id);
    const owner = row.user_id && find("users", row.user_id);
    return {
      id: row.id, name: "name" in given ? given.name : row.name, emails: row.emails, contact_numbers: row.contact_numbers, ...(at && { organization: organization(at) }),
      job_title: row.job_title, ...(owner && { sales_owner: user(owner) }), ...times(row),
    };
  }

  /** `given` is what the call itself sent: it is echoed as it came until the row is read again. */
  function lead(row, given = {}) {
    const owner = row.user_id && find("users", row.user_id);
    const whose = row.person_id && find("persons", row.person_id);
    return {
      id: row.id, title: "title" in given ? given.title : row.title, description: row.description, lead_value: "lead_value" in given ? given.lead_value : row.lead_value,
      status: row.status, lost_reason: row.lost_reason, closed_at: shown(row.closed_at), user: owner ? user(owner) : null, person: whose ? person(whose) : null, lead_products: [],
      lead_source_id: row.lead_source_id, lead_type_id: row.lead_type_id, lead_pipeline_id: row.lead_pipeline_id, lead_pipeline_stage_id: row.lead_pipeline_stage_id,
      ...times(row), expected_close_date: shown(row.expected_close_date),
    };
  }

  const stage = ({ id, code, name }, value = null) => ({
    id, code, name, lead_value: value, formatted_lead_value: dollars(value ?? 0), is_user_defined: null, created_at: null, updated_at: null,
  });

  function participant({ user_id, person_id }) {
    return user_id ? { user: user(find("users", user_id)) } : { person: person(find("persons", person_id)) };
  }

  function activity(row) {
    const author = find("users", row.user_id);
    return {
      id: row.id, parent_id: null, title: row.title, type: row.type, comment: row.comment, additional: row.additional,
      schedule_from: shown(row.schedule_from), schedule_to: shown(row.schedule_to), is_done: row.is_done,
      // The resource shows the author's name for the time of the last change.
      user: { id: author.id, name: author.name, email: author.email, image: null, created_at: shown(author.created_at), updated_at: author.name },
      files: row.files.map((file) => ({ id: file.id, name: file.name, path: file.path, ...times(file) })),
      participants: row.participants.map(participant), location: row.location, ...times(row),
    };
  }

  return {
    role, user, organization, person, lead, stage, activity,
    named: (row) => ({ id: row.id, name: row.name, ...times(row) }),
    pipeline: (row) => ({ id: row.id, name: row.name, is_default: row.is_default, rotten_days: row.rotten_days, stages: row.stages.map((one) => stage(one)), ...times(row) }),
    tag: (row) => ({ id: row.id, name: row.name, color: row.color, user: user(find("users", row.user_id)), ...times(row) }),
    attribute: ({ created_at, updated_at, ...row }) => ({ ...row, ...times({ created_at, updated_at }) }),
    mail(row, isFresh = false) {
      return {
        id: row.id, subject: row.subject, source: "web", user_type: "admin", name: null, reply: row.reply, is_read: isFresh ? null : 0, folders: row.folders, from: row.from, sender: null,
        reply_to: row.reply_to, cc: row.cc, bcc: row.bcc, unique_id: row.message_id, message_id: row.message_id, reference_ids: [row.message_id],
        ...(row.person_id && { person: person(find("persons", row.person_id)) }), ...(row.lead_id && { lead: lead(find("leads", row.lead_id)) }),
        parent_id: null, parent: null, attachments: [], ...times(row),
      };
    },
  };
}
