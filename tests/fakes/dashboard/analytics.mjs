// The figures of a span, as the fake counts them: the same for a day each time, none on Sundays.

import { refused } from "../lib/dashboard-world.mjs";

const DAY = 86_400_000;
const NONE = { conversations_begun: 0, conversations_escalated: 0, escalation_rate: null, conversations_answered: 0, conversations_unanswered: 0, first_response_median_seconds: null, first_response_mean_seconds: null, conversations_closed: 0, resolution_median_seconds: null, resolution_mean_seconds: null, messages_in: 0, messages_out: 0, csat_ratings: 0, csat_mean: null, sync_jobs_done: 0, sync_jobs_failed: 0, sync_success_rate: null, sync_requests: 0, sync_requests_throttled: 0 };

function figuresOf(at) {
  const n = (Math.floor(at / DAY) * 7) % 11;
  return { ...NONE, conversations_begun: 20 + n, conversations_escalated: n, escalation_rate: n / (20 + n), conversations_answered: 15 + n, conversations_unanswered: 5, first_response_median_seconds: 60 + n * 9, first_response_mean_seconds: 80 + n * 14, conversations_closed: 12 + n, resolution_median_seconds: 5400 + n * 300, resolution_mean_seconds: 7200 + n * 400, messages_in: 80 + n * 6, messages_out: 60 + n * 5, csat_ratings: n, csat_mean: n === 0 ? null : 0.7 + n / 50, sync_jobs_done: 160 + n, sync_jobs_failed: n % 3, sync_success_rate: (160 + n) / (160 + n + (n % 3)), sync_requests: 300 };
}

export const analyticsOf = (text) => ({ analytics: { agents: [{ id: "agent-7", name: text("Ann Byrne"), messages: 41, tickets_closed: 12 }, { name: text("Front desk"), messages: 7, tickets_closed: 1 }] } });

export const ANALYTICS = {
  analytics_get({ world, query }) {
    const to = query.to ?? new Date().toISOString().slice(0, 10);
    const from = query.from ?? new Date(Date.parse(to) - 6 * DAY).toISOString().slice(0, 10);
    const count = (Date.parse(to) - Date.parse(from)) / DAY + 1;
    if (count < 1 || count > 92) throw refused(422, "invalid_request", "The span has 1 to 92 days.", [{ path: "from", rule: "at_most_92_days" }]);
    const days = Array.from({ length: count }, (_, at) => {
      const millis = Date.parse(from) + at * DAY;
      const isQuiet = world.isQuiet || new Date(millis).getUTCDay() === 0;
      return { date: new Date(millis).toISOString().slice(0, 10), ...(isQuiet ? NONE : figuresOf(millis)) };
    });
    const totals = world.isQuiet ? NONE : { ...figuresOf(Date.parse(to)), messages_in: days.reduce((sum, one) => sum + one.messages_in, 0) };
    return { json: { from, to, days, totals, agents: world.isQuiet ? [] : world.analytics.agents } };
  },
};
