// Charts: bars over days, each with a table behind it and its own CSV. Told apart by shape, not by colour.

import { el } from "../dom.js";
import { csvOf, save } from "./csv.js";
import { table } from "./lists.js";
import { button } from "./ui.js";

const SVG = "http://www.w3.org/2000/svg";
// Units of the drawing, which is stretched to the width there is: texts stand beside it, so that they are not.
const WIDTH = 1000;
const HEIGHT = 100;
/** Share of a day's width that stays empty beside its bars. */
const GAP = 0.25;
let count = 0;

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

const titled = (text) => svg("title", {}, text);

/** The top of an axis: the next of 1, 2, 5, 10, … above the greatest value, so that it can be read. */
export function topOf(values) {
  const most = Math.max(0, ...values.filter((value) => value !== null));
  if (most === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= most);
}

/** The same for seconds: the next that is said in whole minutes, hours or days. */
export function topOfTime(values) {
  const most = Math.max(0, ...values.filter((value) => value !== null));
  return [60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 43_200].find((top) => top >= most) ?? Math.ceil(most / 86_400) * 86_400;
}

/** Where bars stand: [{ series, row, x, width, height }]; a value that is not known has none. */
export function barsOf(series, rows, top) {
  const slot = WIDTH / Math.max(1, rows.length);
  const width = (slot * (1 - GAP)) / series.length;
  return rows.flatMap((row, at) => series.flatMap(({ value }, which) => {
    const known = value(row);
    return known === null ? [] : [{ series: which, row, x: at * slot + (slot * GAP) / 2 + which * width, width, height: Math.min(1, known / top) * HEIGHT }];
  }));
}

/**
 * A chart of days. `series`: at most two of { title, value(row) }, of which the second is drawn hollow. `say(value)` puts a value into
 * words, `day(row)` a row's day; `topFor(values)` gives the top of the axis. `file`: the name of its CSV.
 */
export function dayChart({ title, text, rows, series, say, day, topFor = topOf, file }) {
  const id = `chart-${(count += 1)}`;
  const top = topFor(rows.flatMap((row) => series.map(({ value }) => value(row))));
  const words = (value) => (value === null ? "–" : say(value));
  const known = rows.filter((row) => series.some(({ value }) => value(row) !== null)).length;
  const bars = barsOf(series, rows, top).map(({ series: at, row, x, width, height }) => svg("rect", {
    class: at === 0 ? "bar-full" : "bar-hollow", x: x.toFixed(2), y: (HEIGHT - height).toFixed(2), width: width.toFixed(2), height: height.toFixed(2), "vector-effect": "non-scaling-stroke",
  }, titled(`${day(row)}: ${series[at].title}, ${words(series[at].value(row))}`)));
  const lines = [0, 0.5, 1].map((share) => svg("line", { class: "chart-line", x1: 0, x2: WIDTH, y1: HEIGHT * share, y2: HEIGHT * share, "vector-effect": "non-scaling-stroke" }));
  const heading = titled(title);
  heading.id = `${id}-title`;
  const description = svg("desc", { id: `${id}-desc` }, `${series.map((one) => one.title).join(" and ")} of ${rows.length} days, from ${day(rows[0])} to ${day(rows.at(-1))}; ${known} of them have values. The table below has each.`);
  const drawing = svg("svg", { class: "chart-plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-labelledby": `${id}-title`, "aria-describedby": `${id}-desc` }, heading, description, ...lines, ...bars);
  const columns = [{ title: "Day", cell: day }, ...series.map((one) => ({ title: one.title, kind: "num", cell: (row) => words(one.value(row)) }))];
  const download = () => save(file, csvOf(["date", ...series.map((one) => one.title)], rows.map((row) => [row.date, ...series.map((one) => one.value(row))])));
  const csv = button("CSV", download);
  csv.setAttribute("aria-label", `${title} as CSV`);
  return el("section", { class: "panel chart", "aria-label": title },
    el("div", { class: "chart-head" }, el("h2", null, title), csv),
    text && el("p", { class: "figure" }, text),
    series.length > 1 && el("p", { class: "chart-key" }, series.map((one, at) => el("span", null, el("i", { class: at === 0 ? "full" : "hollow", "aria-hidden": "true" }), one.title))),
    el("div", { class: "chart-body" },
      el("div", { class: "chart-axis faint", "aria-hidden": "true" }, el("span", null, say(top)), el("span", null, say(0))),
      drawing,
      el("div", { class: "chart-days faint", "aria-hidden": "true" }, el("span", null, day(rows[0])), rows.length > 1 && el("span", null, day(rows.at(-1))))),
    el("details", null, el("summary", null, "Table"), table(title, columns, rows)));
}

/** A bar beside a number in a table; decoration, since the number says it. */
export function miniBar(value, top) {
  return svg("svg", { class: "mini-bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { class: "bar-full", x: 0, y: 0, width: top > 0 ? (100 * value) / top : 0, height: 10 }));
}
