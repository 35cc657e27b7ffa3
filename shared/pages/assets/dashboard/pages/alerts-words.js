// Alerts in words: their causes, how bad they are, and the way to what they are about.

import { label } from "../../format.js";
import { pathOf } from "../address.js";
import { light } from "../ui.js";

const CAUSES = {
  integration_down: "Integration is down", integration_errors: "Many jobs for a CRM fail", queue_slow: "A queue is slow", webhook_failing: "Webhook endpoint fails", channel_refused: "Channel is refused",
  channel_silent: "Channel is silent", crm_budget: "Requests to a CRM run out", crm_link_failing: "CRM link fails", database_full: "Database is nearly full",
};
const UNITS = { percent: "%", minutes: "minutes", days: "days", messages: "messages" };
const PAGES = { webhook_failing: "webhooks", channel_refused: "channels", channel_silent: "channels", crm_link_failing: "crm-links" };

/** A cause in a few words. */
export const causeName = (cause) => CAUSES[cause] ?? label(cause);

/** How bad it is, while it lasts. */
export const severityLight = (severity) => (severity === "critical" ? light("bad", "Critical") : light("warn", "Warning"));

/** In what a threshold is counted. */
export const unitName = (unit) => UNITS[unit] ?? unit;

/** A threshold: "5 minutes", "80 %". */
export const thresholdText = (value, unit) => `${value.toLocaleString()} ${value === 1 && unit !== "percent" ? unitName(unit).replace(/s$/, "") : unitName(unit)}`;

/** The page of what an alert is about, or null where there is none. */
export const objectPath = ({ cause, object }) => (PAGES[cause] ? pathOf(PAGES[cause], object.id) : null);
