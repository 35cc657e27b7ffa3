// What is watched, from when on it counts, and when people are left alone.

import { el, toast } from "../../dom.js";
import { form, formDialog } from "../forms.js";
import { table } from "../lists.js";
import { button, light, section, when } from "../ui.js";
import { causeName, severityLight, thresholdText, unitName } from "./alerts-words.js";

const OF_THE_BROWSER = Intl.DateTimeFormat().resolvedOptions().timeZone;

export async function show(app) {
  const against = app.against("admin");
  const { rules, quiet_hours: quiet, updated_at } = await app.api.get("alerts/settings", null, { signal: app.signal });
  return [
    table("Rules", [
      { title: "Cause", cell: ({ cause, description }) => [el("strong", null, causeName(cause)), el("span", { class: "sub" }, description)] },
      { title: "How bad", cell: ({ severity }) => severityLight(severity) },
      { title: "Raised from", cell: fromOf },
      { title: "Watched", cell: ({ enabled }) => (enabled ? light("good", "Yes") : light("off", "No")) },
      { title: "", kind: "acts", cell: (rule) => button("Change…", () => change(app, rule), { against }) },
    ], rules),
    updated_at && el("p", { class: "faint" }, "Changed ", when(updated_at), "."),
    section("Quiet hours", el("p", null, "Nothing is sent by email or to chats until they end. What began and ended meanwhile is told to nobody; it is in the list. Your endpoints get their events at any hour."), quietForm(app, quiet, against)),
  ];
}

function fromOf({ threshold, default_threshold, unit }) {
  if (unit === null) return "at once";
  const isDefault = threshold === default_threshold;
  return [thresholdText(threshold, unit), el("span", { class: "sub" }, isDefault ? "the default" : `default: ${thresholdText(default_threshold, unit)}`)];
}

async function change(app, { cause, description, enabled, threshold, default_threshold, unit }) {
  const has = unit !== null;
  const done = await formDialog(causeName(cause), {
    label: "Save",
    fields: [
      { name: "enabled", label: "It is watched, and alerts are raised", kind: "check", value: enabled },
      { name: "threshold", path: `rules.${cause}.threshold`, label: `Raised from, ${unit === "percent" ? "per cent" : unitName(unit)}`, kind: "number", value: has ? String(threshold) : "", help: `Empty: the default, ${default_threshold}.`, shown: (values) => has && values.enabled },
    ],
    submit: (values) => app.api.put("alerts/settings", { rules: { [cause]: values } }),
  }, el("p", null, description));
  if (!done) return;
  toast(done.rules.find((one) => one.cause === cause).enabled ? "Saved. It counts from the next minute on." : "Saved. An alert of this cause that lasts ends within minutes.");
  app.reload();
}

/** Every time zone that the browser knows, and the one that is set. */
function zones(set) {
  const known = Intl.supportedValuesOf?.("timeZone") ?? [OF_THE_BROWSER];
  return [...new Set([set, OF_THE_BROWSER, "UTC", ...known])].filter(Boolean).sort();
}

function quietForm(app, quiet, against) {
  const isOn = ({ on }) => on;
  const field = (more) => ({ disabled: Boolean(against), ...more });
  return form({
    label: "Save", against,
    fields: [
      field({ name: "on", label: "Leave people alone for some hours of each day", kind: "check", value: quiet !== null }),
      field({ name: "from", path: "quiet_hours.from", label: "From", kind: "time", required: true, value: quiet?.from ?? "22:00", shown: isOn }),
      field({ name: "to", path: "quiet_hours.to", label: "Until", kind: "time", required: true, value: quiet?.to ?? "07:00", help: "Of the next day where that is before.", shown: isOn }),
      field({ name: "time_zone", path: "quiet_hours.time_zone", label: "By the clocks of", kind: "select", required: true, value: quiet?.time_zone ?? OF_THE_BROWSER, options: zones(quiet?.time_zone).map((zone) => [zone, zone.replaceAll("_", " ")]), shown: isOn }),
      field({ name: "critical_passes", label: "Critical alerts are sent all the same", kind: "check", value: quiet?.critical_passes ?? true, shown: isOn }),
    ],
    async submit({ on, ...hours }) {
      await app.api.put("alerts/settings", { quiet_hours: on ? hours : null });
      toast(on ? "Saved. People are left alone in these hours." : "Saved. People are told at any hour.");
      app.reload();
    },
  });
}
