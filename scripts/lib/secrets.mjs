// The secrets of a deployment, checked before anything is uploaded.

/** Least characters of a secret that the operator makes up. */
const MIN_CHARS = 24;
/** Most keys of a ring, as the Workers take it. */
const MAX_KEYS = 8;

/** Whether a text is 32 bytes in base64, as `openssl rand -base64 32` prints them. */
function isMasterKey(text) {
  return /^[A-Za-z0-9+/]{43}=$/.test(text);
}

/** What is wrong with a ring of master keys; never the keys. */
function faultOfRing(name, ring) {
  const keys = ring.split(/[\s,]+/).filter(Boolean);
  const wrong = keys.findIndex((key) => !isMasterKey(key));
  if (wrong >= 0) return `${name}: key ${wrong + 1} is not 32 bytes in base64 (openssl rand -base64 32)`;
  if (keys.some((key) => /^(.)\1*$/.test(key.slice(0, 40)))) return `${name} has a key that anybody guesses (openssl rand -base64 32)`;
  if (keys.length > MAX_KEYS) return `${name} has over ${MAX_KEYS} keys`;
  return undefined;
}

/**
 * The secrets as the Workers require them: a single MASTER_KEY is the ring of a deployment that has no
 * other. Throws where one is weak.
 */
export function checkedSecrets({ MASTER_KEY, ...secrets }) {
  const ring = secrets.MASTER_KEYS ?? MASTER_KEY;
  if (ring !== undefined) {
    const fault = faultOfRing(secrets.MASTER_KEYS === undefined ? "MASTER_KEY" : "MASTER_KEYS", ring);
    if (fault) throw new Error(fault);
  }
  // Two while one takes the place of the other.
  const tokens = (secrets.PLATFORM_TOKEN ?? "").split(",").map((token) => token.trim()).filter(Boolean);
  for (const token of tokens) {
    if (token.length < MIN_CHARS) {
      throw new Error(`PLATFORM_TOKEN has ${token.length} characters, at least ${MIN_CHARS} are needed (openssl rand -hex 32)`);
    }
  }
  if (tokens.length > 2) throw new Error("PLATFORM_TOKEN has over 2 tokens: the new one and that of before");
  return ring === undefined ? secrets : { ...secrets, MASTER_KEYS: ring };
}
