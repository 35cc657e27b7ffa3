// What the dashboard's fake answers: the operations by their names, over a world that is made up.

import { CHANNELS, channelsOf } from "./dashboard-channels.mjs";
import { KEYS, keysOf } from "./dashboard-keys.mjs";
import { MEMBERS, membersOf } from "./dashboard-members.mjs";
import { SETTINGS, settingsOf } from "./dashboard-settings.mjs";
import { SIGN_IN_PROVIDER, signInOf } from "./dashboard-sign-in.mjs";
import { WEBHOOKS, webhooksOf } from "./dashboard-webhooks.mjs";
import { ALERTS, alertsOf } from "../dashboard/alerts.mjs";
import { ANALYTICS, analyticsOf } from "../dashboard/analytics.mjs";
import { CRM_JOBS } from "../dashboard/crm-jobs.mjs";
import { CRM_LINKS, crmLinksOf } from "../dashboard/crm-links.mjs";
import { CUSTOMERS, customersOf } from "../dashboard/customers.mjs";
import { INTEGRATIONS, integrationsOf } from "../dashboard/integrations.mjs";
import { OPERATOR, operatorOf } from "../dashboard/operator.mjs";
import { STATUS, statusOf } from "../dashboard/status.mjs";
import { uuid } from "./dashboard-world.mjs";

/** Names that are markup, for every field that pages show. */
export const HOSTILE = `<img src=x onerror="canary.push(1)">`;

/** All that there is at the start. With `hostile`, every text of others is markup. */
export function worldOf({ hostile = false } = {}) {
  const text = (plain) => (hostile ? `${HOSTILE} ${plain}` : plain);
  return { text, hostile, business: { id: uuid(1), name: text("Fjord & Fell") }, ...membersOf(text), ...keysOf(text), ...webhooksOf(text), ...channelsOf(text), ...settingsOf(text), ...statusOf(text), ...analyticsOf(text), ...crmLinksOf(text), ...customersOf(text), ...integrationsOf(text), ...alertsOf(text), ...operatorOf(text), ...signInOf(text) };
}

/** Operations by their names: given { world, session, params, query, body }, each gives { status, json }. */
export const OPERATIONS = { ...MEMBERS, ...KEYS, ...WEBHOOKS, ...CHANNELS, ...SETTINGS, ...STATUS, ...ANALYTICS, ...CRM_LINKS, ...CUSTOMERS, ...INTEGRATIONS, ...CRM_JOBS, ...ALERTS, ...OPERATOR, ...SIGN_IN_PROVIDER };

