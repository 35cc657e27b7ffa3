// What a browser does of HTTP: cookies by host, and redirects that it follows one by one.

/** A browser: { go, follow, cookies }. Of cookies it knows name and value, and that some go by https or to loopback alone. */
export function newBrowser(headers = {}) {
  const jars = new Map();
  const jarOf = (url) => jars.get(url.host) ?? jars.set(url.host, new Map()).get(url.host);

  /** Opens an address, without following where it leads. */
  async function go(address, more = {}) {
    const url = new URL(address);
    const jar = jarOf(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { ...headers, ...(cookie && { cookie }), ...more } });
    for (const given of response.headers.getSetCookie()) {
      const [, name, value] = given.match(/^([^=;]+)=([^;]*)/);
      if (value && !/max-age=0|expires=thu, 01 jan 1970/i.test(given)) jar.set(name, value);
      else jar.delete(name);
    }
    const location = response.headers.get("location");
    return { status: response.status, url: url.href, to: location && new URL(location, url).href, text: await response.text(), headers: response.headers };
  }

  /** Follows where an address leads, until `stops` says so of the next address, or it leads nowhere. */
  async function follow(address, stops = () => false) {
    let answer = await go(address);
    for (let left = 20; answer.to && !stops(answer.to); left -= 1) {
      if (left === 0) throw new Error(`${address} leads on and on`);
      answer = await go(answer.to);
    }
    return answer;
  }

  return { go, follow, cookies: (origin) => Object.fromEntries(jarOf(new URL(origin))) };
}
