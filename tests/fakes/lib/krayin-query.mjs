// Lists and searches: columns compared as the database compares them, and Laravel's pages.

import { Fault, sqlFault } from "./krayin-errors.mjs";

/** What the query string may say besides names of columns. */
const OWN = ["page", "limit", "sort", "order", "pagination", "entity_type"];
/** Values are trimmed before anything is done with them: an unescaped plus is a blank that falls away. */
const paramsOf = (url) => Object.fromEntries([...url.searchParams].map(([name, value]) => [name, value.trim()]));

/** The collation of a text column ignores case and accents. */
export const folded = (text) => String(text).normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Whether a column equals a value; one that holds JSON never equals plain text. */
function isEqual(column, value) {
  if (column === null || column === undefined || typeof column === "object") return false;
  return typeof column === "number" ? column === Number(value) : folded(column) === folded(value);
}

/** LIKE %value%: the JSON columns are compared with case, the text columns without. */
function isLike(column, value) {
  if (column === null || column === undefined) return false;
  return typeof column === "object" ? JSON.stringify(column).replaceAll("/", "\\/").includes(value) : folded(column).includes(folded(value));
}

const order = (a, b) => {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  return typeof a === "number" && typeof b === "number" ? a - b : folded(a) < folded(b) ? -1 : 1;
};

function sorted(rows, column, direction) {
  const sign = direction === "asc" ? 1 : -1;
  return [...rows].sort((a, b) => sign * order(a[column], b[column]) || a.id - b.id);
}

/** The numbers of Laravel's pager, with "..." for what it leaves out. */
function pagesOf(current, last) {
  const range = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
  if (last < 14) return range(1, last);
  if (current <= 7) return [...range(1, 10), "...", last - 1, last];
  if (current > last - 7) return [1, 2, "...", ...range(last - 9, last)];
  return [1, 2, "...", ...range(current - 3, current + 3), "...", last - 1, last];
}

function paged(rows, shape, { page, limit, path }) {
  const total = rows.length;
  const last = Math.max(1, Math.ceil(total / limit));
  const at = (number) => `${path}?page=${number}`;
  const slice = rows.slice((page - 1) * limit, page * limit);
  const prev = page > 1 ? at(page - 1) : null;
  const next = page < last ? at(page + 1) : null;
  const link = (url, label, active = false) => ({ url, label: String(label), active });
  return {
    data: slice.map((row) => shape(row)),
    links: { first: at(1), last: at(last), prev, next },
    meta: {
      current_page: page, from: slice.length ? (page - 1) * limit + 1 : null, last_page: last,
      links: [link(prev, "&laquo; Previous"), ...pagesOf(page, last).map((number) => link(number === "..." ? null : at(number), number, number === page)), link(next, "Next &raquo;")],
      path, per_page: limit, to: slice.length ? (page - 1) * limit + slice.length : null, total,
    },
  };
}

/** An index: exact filters by column, one order, and pages. An unknown column is an error of the database. */
export function listed(rows, { url, base, table, columns, shape }) {
  const params = paramsOf(url);
  const filters = Object.entries(params).filter(([name]) => !OWN.includes(name));
  const unknown = filters.find(([name]) => !columns.includes(name));
  if (unknown) {
    const [name, value] = unknown;
    throw sqlFault(`SQLSTATE[42S22]: Column not found: 1054 Unknown column '${name}' in 'WHERE'`, `select count(*) as aggregate from \`${table}\` where \`${name}\` in (${value.split(",").join(", ")})`);
  }
  const { sort = "id", order: direction = "desc" } = params;
  if (!columns.includes(sort)) throw sqlFault(`SQLSTATE[42S22]: Column not found: 1054 Unknown column '${sort}' in 'ORDER BY'`, `select * from \`${table}\` order by \`${sort}\` ${direction}`);
  const found = rows.filter((row) => filters.every(([name, value]) => value.split(",").some((one) => isEqual(row[name], one))));
  const inOrder = sorted(found, sort, direction);
  if (params.pagination === "0") return { data: inOrder.map((row) => shape(row)) };
  return paged(inOrder, shape, { page: Number(params.page ?? 1), limit: Number(params.limit ?? 10), path: `${base}${url.pathname}` });
}

/** The search syntax of l5-repository; gives the conditions as [field, operator, value]. */
function conditionsOf({ search = "", searchFields }, searchable) {
  if (search === "") return [];
  const parts = search.split(";").map((part) => part.split(":"));
  const byField = Object.fromEntries(parts.filter((part) => part.length === 2));
  const plain = /[;:]/.test(search) ? parts.find((part) => part.length === 1)?.[0] : search;
  // A field outside the list is let through when its operator is one of the three.
  const fields = searchFields === undefined ? searchable.map((name) => [name, "="]) : searchFields.split(";").map((field) => {
    const [name, operator] = field.split(":");
    return [name, ["=", "like", "in"].includes(operator) ? operator : "="];
  });
  return fields.map(([name, operator]) => [name, operator, byField[name] ?? plain]).filter(([, , value]) => value !== undefined);
}

/**
 * A search: `columns` are those of the table, `related(row, path)` reads a dotted field. `isGlobal` is
 * whether the user may view everything: for others the package calls a method that does not exist.
 */
export function searched(rows, { url, table, columns, searchable, shape, related, isGlobal = true }) {
  const params = paramsOf(url);
  const limit = Number(params.limit ?? 10);
  const conditions = conditionsOf(params, searchable);
  const unknown = conditions.find(([name]) => !name.includes(".") && !columns.includes(name));
  if (unknown) {
    const [name, operator, value] = unknown;
    const where = `\`${table}\`.\`${name}\` ${operator} ${operator === "like" ? `%${value}%` : value}`;
    throw sqlFault(`SQLSTATE[42S22]: Column not found: 1054 Unknown column '${table}.${name}' in 'WHERE'`, `select * from \`${table}\` where (${where}) limit ${limit}`);
  }
  if (!isGlobal) {
    throw new Fault(500, "Method Illuminate\\Database\\Eloquent\\Collection::findWhereIn does not exist.", {
      exception: "BadMethodCallException", file: "app/vendor/laravel/framework/src/Illuminate/Macroable/Traits/Macroable.php", line: 112,
    });
  }
  const matches = (row) => ([name, operator, value]) => {
    const column = name.includes(".") ? related(row, name) : row[name];
    if (operator === "like") return isLike(column, value);
    return (operator === "in" ? value.split(",") : [value]).some((one) => isEqual(column, one));
  };
  const joined = (row) => (params.searchJoin === "and" ? conditions.every(matches(row)) : conditions.some(matches(row)));
  const found = conditions.length === 0 ? rows : rows.filter(joined);
  return { data: sorted(found, params.orderBy ?? "id", params.orderBy ? params.sortedBy ?? "asc" : "asc").slice(0, limit).map((row) => shape(row)) };
}
