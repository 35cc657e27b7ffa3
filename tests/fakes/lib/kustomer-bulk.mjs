// Bulk requests of the fake Kustomer: a job, done later and in no order, whose batches tell of each item.

import { checkAdmin } from "./kustomer-api.mjs";
import { missing, newId, now, shown, Wrong } from "./kustomer.mjs";
import * as schemas from "./kustomer-schemas.mjs";
import { reply } from "./server.mjs";

/** The paths of jobs; `options.bulkMillis` is how long one takes. */
export function bulkRoutes({ options, records, threads, by }) {
  const jobs = new Map();

  function find(id) {
    const job = jobs.get(id);
    if (!job) throw missing("bulk operation");
    const age = Date.now() - Date.parse(job.attributes.createdAt);
    const isOver = age >= options.bulkMillis;
    if (isOver && job.items) {
      // The last comes first.
      job.results = job.items.splice(0).reverse().map(done);
      delete job.items;
    }
    Object.assign(job.attributes, { status: isOver ? "complete" : age * 2 < options.bulkMillis ? "queued" : "running", completed: isOver });
    job.attributes.batches = { complete: isOver ? 1 : 0, total: 1 };
    return job;
  }

  /** One item is written as it would be alone; what is wrong with it stops no other. */
  function done(item) {
    const { _clientRef, conversation, customer, createdBy = by, modifiedBy, modifiedAt, ...body } = item;
    try {
      schemas.bulkMessage(item);
      checkAdmin(item, options.roles);
      const message = threads.say(records.find("conversation", conversation), body, createdBy);
      return { _clientRef, objectId: message.id, status: "created" };
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      return { _clientRef, status: "error", error: error.status === 409 ? "duplicate detected" : error.message };
    }
  }

  return [
    ["POST", "/v1/messages/bulk", "message.create", ({ body }) => {
      schemas.bulk(body);
      const at = now();
      const job = { type: "bulk", id: newId(), attributes: { ids: [], context: "message", status: "queued", v2: true, completed: false, createdAt: at, updatedAt: at }, items: structuredClone(body) };
      jobs.set(job.id, job);
      return reply(200, { data: shown(job) });
    }],
    ["GET", "/v1/bulk/:id", "bulk.read", ({ id }) => ({ data: shown(find(id)) })],
    ["GET", "/v1/bulk/:id/batches", "bulk.read", ({ id }) => {
      const { results = [], attributes } = find(id);
      const made = results.filter(({ status }) => status === "created");
      const told = results.some(({ _clientRef }) => _clientRef !== undefined) && { results };
      return {
        data: [{
          type: "bulk_batch", id: newId(),
          attributes: { status: attributes.completed ? "complete" : "scheduled", objectIds: made.map(({ objectId }) => objectId), successCount: made.length, failureCount: results.length - made.length, ...told },
        }],
      };
    }],
  ];
}
