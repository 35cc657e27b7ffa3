// Tells the page around the iframe that its token is of no use any more, so that it can bring a new one.

/** Posts the word and nothing else; without a known parent it goes to anyone, hence no data. */
export function tellParent() {
  if (window.parent === window) return;
  let target = "*";
  try {
    if (document.referrer) target = new URL(document.referrer).origin;
  } catch {
    // A referrer that is no URL leaves "*".
  }
  window.parent.postMessage({ type: "tieline:expired" }, target === "null" ? "*" : target);
}

/** The token behind the `#` of the address, if there is one. */
export function tokenOfFragment() {
  return new URLSearchParams(location.hash.slice(1)).get("token");
}

// Who gives the frame an address with another fragment alone stays in this document.
addEventListener("hashchange", () => {
  if (tokenOfFragment()) location.replace(`${location.pathname}?id=${Date.now()}${location.hash}`);
});

if (document.querySelector("main.over:not([hidden])")) tellParent();
