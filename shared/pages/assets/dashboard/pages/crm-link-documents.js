// What is searched of one link: its documents, a part of a record each.

import { el, named } from "../../dom.js";
import { pagedList } from "../lists.js";
import { codeBlock, empty, light, when } from "../ui.js";

export async function documents(app, link) {
  let total = 0;
  const count = el("p", { class: "faint" });
  const list = pagedList(app, {
    label: "Documents",
    async load(_, cursor) {
      const page = await app.api.get("rag/documents/details", { page_id: link.page_id, source: "crm", link_id: link.id, limit: 25, cursor }, { signal: app.signal });
      total = page.total;
      count.textContent = total === 0 ? "" : `${total.toLocaleString()} documents are searched.`;
      return { rows: page.documents, next: page.next_cursor };
    },
    none: () => empty("Nothing of this link is searched yet", "Documents stand here once a fetch is done. See under Status whether it failed."),
    columns: [
      { title: "Record", cell: (one) => [named(one.record_key), el("span", { class: "sub", dir: "auto" }, one.path)] },
      { title: "Text", cell: ({ content, record_key }) => el("details", null, el("summary", null, named(content.split("\n")[0])), codeBlock(content, `Record ${record_key}`)) },
      { title: "For", cell: ({ is_owned }) => (is_owned ? light("warn", "One customer") : light("good", "Everybody")) },
      { title: "Fetched", cell: ({ fetched_at }) => when(fetched_at) },
    ],
  });
  await list.ready;
  return [count, list];
}
