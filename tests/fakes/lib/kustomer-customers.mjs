// Customers of the fake Kustomer: what a body makes of one, and what their conversations make of them.

import { linked } from "./kustomer.mjs";

/** Attributes that are related things, or that only check. */
const patchOf = ({ company, rev, createdAt, ...attributes }) => attributes;

export function customersOf(records, directory) {
  /** The patch with what follows from it; `externalId` is one of `externalIds`. */
  function completed(patch, { externalId, externalIds = [] } = {}) {
    const whole = { ...patch };
    if (patch.name !== undefined) whole.displayName = patch.name;
    if (patch.tags !== undefined) whole.tags = directory.tagIds(patch.tags);
    if (patch.externalId !== undefined) {
      const others = (patch.externalIds ?? externalIds).filter((one) => ![patch.externalId, externalId].includes(one.externalId));
      whole.externalIds = [...(patch.externalId === null ? [] : [{ externalId: patch.externalId, verified: true }]), ...others];
    } else if (patch.externalIds?.length > 0 && !externalId) {
      whole.externalId = patch.externalIds[0].externalId;
    }
    return whole;
  }

  const companyOf = ({ company }) => (company === undefined ? {} : { company: linked("company", company) });

  return {
    create(body, by) {
      const attributes = completed(patchOf(body));
      records.checkIdentities(attributes);
      return records.create("customer", {
        emails: [], phones: [], tags: [], displayName: "Anonymous", verified: false, progressiveStatus: null,
        conversationCounts: { all: 0, open: 0, snoozed: 0, done: 0 }, ...attributes, createdAt: body.createdAt, by,
      }, companyOf(body));
    },
    change(customer, body, by) {
      records.checkRev(customer, body.rev);
      const attributes = completed(patchOf(body), customer.attributes);
      records.checkIdentities({ ...customer.attributes, ...attributes }, customer);
      return records.change(customer, attributes, { by, relationships: companyOf(body) });
    },
    /** What a customer's conversations come to, once one of them has changed. */
    recount(customer, conversations, by, more = {}) {
      const theirs = conversations.filter(({ relationships, attributes }) => relationships.customer.data.id === customer.id && !attributes.deleted);
      const counts = { all: theirs.length };
      for (const status of ["open", "snoozed", "done"]) counts[status] = theirs.filter(({ attributes }) => attributes.status === status).length;
      const last = theirs.at(-1);
      records.change(customer, { conversationCounts: counts, ...(last && { lastConversation: { id: last.id, tags: last.attributes.tags } }), ...more }, { by });
    },
  };
}
