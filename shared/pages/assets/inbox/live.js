// The feed of changes: a long poll that waits when it must and comes back at once when it can.

const SHORTEST_GAP = 300;
const HIDDEN_GAP = 20_000;
const LONGEST_WAIT = 30_000;

/**
 * Asks for changes after `sequence`, for ever. `took(answer)` gets what changed; `lost()` gives a new sequence
 * when the old one is of no use; `state("live" | "waiting" | "offline")` tells how it goes.
 */
export function startLive(api, { sequence, took, lost, state }) {
  let stopped = false;
  let wake = () => {};
  let at = sequence;
  let failures = 0;

  const pause = (millis) => new Promise((resolve) => {
    const timer = setTimeout(resolve, millis);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });

  async function ask() {
    const answer = await api.changes(at);
    if (failures > 0) state("live");
    failures = 0;
    at = answer.sequence ?? at;
    if (answer.conversations?.length || answer.counts) took(answer);
    return answer.has_more ? 0 : document.hidden ? HIDDEN_GAP : SHORTEST_GAP;
  }

  async function failed(error) {
    if (error.status === 401) return stop();
    failures += 1;
    state(navigator.onLine ? "waiting" : "offline");
    if (!error.passing) at = (await lost().catch(() => null)) ?? at;
    // Half of it by chance: a thousand pages must not come back as one.
    await pause(Math.min(LONGEST_WAIT, 1000 * 2 ** Math.min(failures - 1, 6)) * (0.5 + Math.random() / 2));
  }

  async function run() {
    while (!stopped) {
      try {
        const gap = await ask();
        if (gap) await pause(gap);
      } catch (error) {
        await failed(error);
      }
    }
  }

  function stop() {
    stopped = true;
    wake();
  }

  document.addEventListener("visibilitychange", () => !document.hidden && wake());
  window.addEventListener("online", () => wake());
  window.addEventListener("offline", () => state("offline"));
  void run();
  return { stop, retry: () => wake() };
}
