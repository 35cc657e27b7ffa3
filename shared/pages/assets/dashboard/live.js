// Parts that keep themselves up to date: they ask again and again, as long as somebody looks.

import { fill } from "../dom.js";

/**
 * Asks every so many milliseconds; `every` may be a function. `took(answer)` gets what was told, `lost(error)` why it was not.
 * Nobody looks at a page that is hidden, so that it waits, unless `goesOn()`. Gives { look, pause, go }.
 */
export function watch(app, { every, ask, took, lost, goesOn = () => false }) {
  let timer = 0;
  let isPaused = false;

  async function look() {
    clearTimeout(timer);
    try {
      const answer = await ask();
      if (app.signal.aborted) return;
      took(answer);
    } catch (error) {
      if (app.signal.aborted) return;
      lost(error);
    }
    wait();
  }
  function wait() {
    clearTimeout(timer);
    if (!isPaused && (!document.hidden || goesOn()) && !app.signal.aborted) timer = setTimeout(look, typeof every === "function" ? every() : every);
  }
  function pause() {
    isPaused = true;
    clearTimeout(timer);
  }
  function go() {
    isPaused = false;
    void look();
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !isPaused) void look();
    else if (!goesOn()) clearTimeout(timer);
  }, { signal: app.signal });
  app.signal.addEventListener("abort", () => clearTimeout(timer));
  wait();
  return { look, pause, go };
}

/** Gives an element other children; whoever was at a link in it is at it still. */
export function refill(box, ...content) {
  const href = box.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  fill(box, content);
  if (href) [...box.querySelectorAll("a")].find((link) => link.getAttribute("href") === href)?.focus();
}
