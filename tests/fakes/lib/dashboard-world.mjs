// Errors of the API, times and ids, as the dashboard's fake makes them.

/** An error of the API. */
export class Refused extends Error {
  constructor(status, code, message, details) {
    super(message);
    Object.assign(this, { status, code, details });
  }
}

export const refused = (status, code, message, details) => new Refused(status, code, message, details);
export const missing = (what) => refused(404, "not_found", `There is no such ${what}.`);

/** A time so many minutes ago. */
export const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString().replace("Z", "000Z");
/** An id, always the same for a number. */
export const uuid = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

let made = 1000;
/** An id that was not there before. */
export const fresh = () => uuid((made += 1));

/** A page of rows, as the API cuts them. */
export function pageOf(rows, { limit = 50, cursor }, name) {
  const start = cursor ? Number(Buffer.from(cursor, "base64url").toString()) : 0;
  const end = start + Number(limit);
  const has_more = rows.length > end;
  return { [name]: rows.slice(start, end), has_more, next_cursor: has_more ? Buffer.from(String(end)).toString("base64url") : null };
}
