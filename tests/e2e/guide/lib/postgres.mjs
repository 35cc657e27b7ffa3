// A PostgreSQL of its own for a guide: on loopback, with TLS by a certificate of an authority that was made for it.
// The server does not run as root, so root hands it to the user `postgres`.

import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { pause } from "./guide.mjs";

const DEBIAN = "/usr/lib/postgresql";

/** The folder of the newest PostgreSQL's programs; nothing where there is none. */
export function programs() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => path.join(DEBIAN, version, "bin")), ...(process.env.PATH ?? "").split(":")];
  return folders.find((folder) => ["initdb", "postgres", "psql"].every((name) => existsSync(path.join(folder, name))));
}

const freePort = () => new Promise((resolve) => {
  const server = createServer();
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

/** The user that runs it: nobody else's than who asks, unless that is root. */
function user() {
  if (process.getuid() !== 0) return {};
  const number = (flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: number("-u"), gid: number("-g") };
}

/** Makes an authority, and its certificate for `localhost`. Gives the paths of the authority, certificate and key. */
export function certified(folder, name) {
  const at = (file) => path.join(folder, `${name}-${file}`);
  const openssl = (...more) => execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", ...more], { stdio: "pipe" });
  openssl("-keyout", at("ca.key"), "-out", at("ca.pem"), "-subj", `/CN=${name} authority`, "-addext", "keyUsage=critical,keyCertSign");
  openssl("-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-keyout", at("key.pem"), "-out", at("cert.pem"), "-subj", "/CN=localhost",
    "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=DNS:localhost");
  return { ca: at("ca.pem"), cert: at("cert.pem"), key: at("key.pem") };
}

/** Starts a server, and gives { port, ca, sql, restart, stop }. `sql` runs statements as its owner. */
export async function startPostgres() {
  const bin = programs();
  const owner = user();
  const folder = mkdtempSync(path.join(tmpdir(), "tieline-postgres-"));
  const data = path.join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  const { ca, cert, key } = certified(folder, "ours");
  const strange = certified(folder, "strange");
  for (const place of [folder, data, cert, key, strange.cert, strange.key]) if (owner.uid) chownSync(place, owner.uid, owner.gid);
  const run = (name, args, input) => execFileSync(path.join(bin, name), args, { ...owner, cwd: folder, input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
  run("initdb", ["-D", data, "-U", "owner", "-E", "UTF8", "--locale=C", "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync"]);
  const port = await freePort();
  const settings = (changed) => Object.entries({
    listen_addresses: "127.0.0.1", port, unix_socket_directories: folder, ssl: "on", ssl_cert_file: cert, ssl_key_file: key,
    fsync: "off", log_min_messages: "fatal", ...changed,
  }).map(([name, value]) => `${name} = '${value}'`).join("\n");
  const sql = (text) => run("psql", ["-h", folder, "-p", String(port), "-U", "owner", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-qAt"], text).trim();
  let server;
  const start = async (changed) => {
    writeFileSync(path.join(data, "postgresql.auto.conf"), settings(changed));
    server = spawn(path.join(bin, "postgres"), ["-D", data], { ...owner, cwd: folder, stdio: "ignore" });
    for (let tries = 0; ; tries += 1, await pause(50)) {
      try {
        sql("SELECT 1");
        return;
      } catch (error) {
        if (tries > 400) throw error;
      }
    }
  };
  const end = () => new Promise((resolve) => {
    if (server.exitCode !== null) return resolve();
    server.on("exit", resolve);
    // Not waiting for who is connected.
    server.kill("SIGINT");
  });
  await start();
  return {
    port, ca, sql, strange,
    /** The same with other settings. */
    restart: (changed) => end().then(() => start(changed)),
    stop: () => end().finally(() => rmSync(folder, { recursive: true, force: true })),
  };
}
