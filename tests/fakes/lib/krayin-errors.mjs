// What Krayin answers when something goes wrong: by debug mode, and by what the caller accepts.

import { reply } from "./server.mjs";

const LARAVEL = "app/vendor/laravel/framework/src/Illuminate";
const HTML = { "content-type": "text/html; charset=UTF-8" };
const TITLES = { 404: "404 Page Not Found" };

/** A failure: its status with debug on, the status that production gives it, and what debug tells. */
export class Fault extends Error {
  constructor(status, message, { exception = "ErrorException", file, line, production = 500, headers = {} } = {}) {
    super(message);
    Object.assign(this, { status, exception, file, line, production, headers });
  }
}

/** An answer that a handler makes by itself, of any status. */
export class Answer extends Error {
  constructor(status, body) {
    super(body.message);
    Object.assign(this, { status, body });
  }
}

/** What failed validation: messages by field, in the order of the rules. */
export class Invalid extends Error {
  constructor(errors) {
    const words = Object.values(errors).flat();
    const more = words.length - 1;
    super(more === 0 ? words[0] : `${words[0]} (and ${more} more error${more > 1 ? "s" : ""})`);
    this.errors = errors;
  }
}

/** What the real server does here nobody recorded: a test that needs it must not get an invention. */
export const unrecorded = (what) => new Fault(501, `No recording shows ${what}`, { production: 501 });

export const unauthenticated = () => Object.assign(new Fault(401, "Unauthenticated."), { isGuest: true });

export const undefinedKey = (key, file, line) => new Fault(500, `Undefined array key ${JSON.stringify(key)}`, { file, line });

export const nullProperty = (name, file = `${LARAVEL}/Http/Resources/DelegatesToResource.php`, line = 139) =>
  new Fault(500, `Attempt to read property "${name}" on null`, { file, line });

const NOT_FOUND = "Symfony\\Component\\HttpKernel\\Exception\\NotFoundHttpException";

export const missingModel = (model, id) =>
  new Fault(404, `No query results for model [Webkul\\${model}] ${id}`, { exception: NOT_FOUND, file: `${LARAVEL}/Foundation/Exceptions/Handler.php`, line: 487, production: 404 });

export const missingRoute = (path) =>
  new Fault(404, `The route ${path} could not be found.`, { exception: NOT_FOUND, file: `${LARAVEL}/Routing/AbstractRouteCollection.php`, line: 44, production: 404 });

export const wrongMethod = (method, path, allowed) =>
  new Fault(405, `The ${method} method is not supported for route ${path}. Supported methods: ${allowed.join(", ")}.`, {
    exception: "Symfony\\Component\\HttpKernel\\Exception\\MethodNotAllowedHttpException", file: `${LARAVEL}/Routing/AbstractRouteCollection.php`, line: 122,
  });

export const tooMany = (seconds, resetAt, limit) =>
  new Fault(429, "Too Many Attempts.", {
    exception: "Illuminate\\Http\\Exceptions\\ThrottleRequestsException", file: `${LARAVEL}/Routing/Middleware/ThrottleRequests.php`, line: 232,
    headers: { "x-ratelimit-limit": String(limit), "x-ratelimit-remaining": "0", "retry-after": String(seconds), "x-ratelimit-reset": String(resetAt) },
  });

/** An error of the database; `sql` is the statement with its values in it, as Laravel prints it. */
export function sqlFault(words, sql) {
  const isUnique = words.includes("Duplicate entry");
  return new Fault(500, `${words} (Connection: mysql, SQL: ${sql})`, {
    exception: isUnique ? "Illuminate\\Database\\UniqueConstraintViolationException" : "Illuminate\\Database\\QueryException",
    file: `${LARAVEL}/Database/Connection.php`, line: isUnique ? 824 : 829,
  });
}

/** An insert as Laravel prints it in such an error. */
export function insertOf(table, values, now) {
  const columns = { ...values, ...(now && { updated_at: now, created_at: now }) };
  const shown = (value) => (value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));
  return `insert into \`${table}\` (${Object.keys(columns).map((name) => `\`${name}\``).join(", ")}) values (${Object.values(columns).map(shown).join(", ")})`;
}

export function foreignFault(table, column, target, rule, sql) {
  const constraint = `CONSTRAINT \`${table}_${column}_foreign\` FOREIGN KEY (\`${column}\`) REFERENCES \`${target}\` (\`id\`) ON DELETE ${rule}`;
  return sqlFault(`SQLSTATE[23000]: Integrity constraint violation: 1452 Cannot add or update a child row: a foreign key constraint fails (\`krayin\`.\`${table}\`, ${constraint})`, sql);
}

export const duplicateFault = (value, key, sql) => sqlFault(`SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry '${value}' for key '${key}'`, sql);

/** The redirect to the site's root, with Symfony's page. */
export function redirected(base, headers) {
  const page = [
    "<!DOCTYPE html>", "<html>", "    <head>", '        <meta charset="UTF-8" />', `        <meta http-equiv="refresh" content="0;url='${base}'" />`, "",
    `        <title>Redirecting to ${base}</title>`, "    </head>", "    <body>", `        Redirecting to <a href="${base}">${base}</a>.`, "    </body>", "</html>",
  ];
  return reply(302, page.join("\n"), { ...headers, location: base, "content-type": "text/html; charset=utf-8" });
}

export const isKnown = (error) => [Fault, Answer, Invalid].some((kind) => error instanceof kind);

/** Answers with an error; `limits` are the rate headers that the call had earned before it failed. */
export function rendered(problem, { debug, wantsJson, base, limits }) {
  const error = isKnown(problem) ? problem : new Fault(500, problem.message);
  if (error instanceof Answer) return reply(error.status, error.body, limits);
  if (error instanceof Invalid) {
    if (!wantsJson) return redirected(base, limits);
    return reply(422, { message: error.message, errors: error.errors }, limits);
  }
  const headers = { ...limits, ...(debug && error.headers) };
  if (error.isGuest && debug) {
    if (wantsJson) return reply(401, { message: "admin::app.common.unauthenticated" }, limits);
    return debugPage(500, "Route [login] not defined.", headers);
  }
  if (debug) {
    const { message, exception, file, line } = error;
    return wantsJson ? reply(error.status, { message, exception, file, line, trace: [] }, headers) : debugPage(error.status, message, headers);
  }
  // The handler of production returns a view without a status: an error is a page with 200.
  if (!wantsJson) return reply(200, errorPage(error.production), { ...headers, ...HTML });
  const words = error.production === 404 ? "resource-not-found" : "internal-server-error";
  return reply(error.production, { message: `admin::app.common.${words}` }, headers);
}

const debugPage = (status, message, headers) => {
  const title = `${message} (${status} Internal Server Error)`;
  return reply(status, `<!-- ${title} -->\n<!DOCTYPE html>\n<html lang="en">\n    <head>\n        <title>${title}</title>\n    </head>\n</html>`, { ...headers, ...HTML });
};

const errorPage = (status) => `<!DOCTYPE html>\n\n<html\n    lang="en"\n    dir="ltr"\n>\n\n<head>\n    <title>${TITLES[status] ?? "500 Internal Server Error"}</title>\n</head>\n</html>\n`;
