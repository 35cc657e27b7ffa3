// Retries of a webhook without their waits: what would be tried when, and what came of it.

/**
 * Calls `attempt()` until it succeeds, at most `retries` times more, along the ladder of the provider
 * (seconds before each further try). Gives [{ after, status, text }]; `after` is the whole wait in
 * seconds, `stops` are statuses after which the provider gives up.
 */
export async function climb(attempt, ladder, { retries = 0, stops = [] } = {}) {
  const attempts = [];
  let after = 0;
  for (const wait of [0, ...ladder.slice(0, retries)]) {
    after += wait;
    let outcome;
    try {
      const response = await attempt();
      outcome = { after, status: response.status, text: await response.text() };
    } catch (error) {
      outcome = { after, status: 0, text: String(error.cause?.code ?? error) };
    }
    attempts.push(outcome);
    if ((outcome.status >= 200 && outcome.status < 300) || stops.includes(outcome.status)) break;
  }
  return attempts;
}
