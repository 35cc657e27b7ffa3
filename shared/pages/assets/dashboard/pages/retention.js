// For how long what is no conversation is kept.

import { toast } from "../../dom.js";
import { form } from "../forms.js";
import { note, section, when } from "../ui.js";

const FIELDS = [
  { name: "event_bodies_days", label: "Bodies of events that were delivered, days", min: 0, max: 365, help: "Until then, a delivery that succeeded can be sent again. 0: they go within minutes." },
  { name: "deliveries_days", label: "Deliveries and their attempts, days", min: 3, max: 365, help: "Until then, what failed can be recovered." },
  { name: "uploads_days", label: "Uploaded files that no message carries, days", min: 1, max: 365 },
];

export async function show(app) {
  const against = app.against("owner");
  const { retention } = await app.api.get("retention", null, { signal: app.signal });
  return [section("Retention",
    retention.updated_at && note(["Changed ", when(retention.updated_at), "."]),
    form({
      label: "Save", against, fields: FIELDS.map((field) => ({ ...field, kind: "number", required: true, value: String(retention[field.name]), disabled: Boolean(against) })),
      async submit(values) {
        await app.api.put("retention", values);
        toast("Saved. It counts from the next minute on; what is older then goes for good.");
        app.reload();
      },
    })),
  note("Conversations, messages and customers are kept until a customer is erased.")];
}
