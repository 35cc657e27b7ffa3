// Shells of pages, filled in as the crate `pages` does it.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const part = (name) => readFileSync(fileURLToPath(new URL(`../../../shared/pages/src/${name}.html`, import.meta.url)), "utf8");

/** A template with its places filled; `values` come escaped. */
export function filledShell(template, values) {
  const places = { dir: "ltr", icons: part("icons"), head: part("head").replaceAll("{{assets}}", values.assets), ...values };
  return template.replace(/\{\{(\w+)\}\}/g, (_, name) => places[name] ?? "");
}
