#!/usr/bin/env node
// A wrangler that keeps Workers, their versions and their secrets in a file, and takes no argument that wrangler 4.164
// does not: the flags are those of `wrangler <command> --help`. FAKE_WRANGLER names the file.

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";

const GLOBAL = { "-c": true, "--config": true, "--cwd": true };
const COMMANDS = {
  "versions upload": {
    ...GLOBAL, "--name": true, "--tag": true, "--message": true, "--var": true, "--minify": false, "--secrets-file": true,
    "--dry-run": false, "--outdir": true, "--keep-vars": false, "--strict": false,
  },
  "versions deploy": {
    ...GLOBAL, "--name": true, "--version-id": true, "--percentage": true, "--version-tag": true, "--message": true, "--yes": false,
    "-y": false, "--dry-run": false, positionals: /^[\da-z-]+(@\d+%?)?$/,
  },
  "deployments status": { ...GLOBAL, "--name": true, "--json": false },
  "deployments list": { ...GLOBAL, "--name": true, "--json": false },
  "triggers deploy": { ...GLOBAL, "--name": true, "--triggers": true, "--routes": true, "--dry-run": false },
  "versions view": { ...GLOBAL, "--name": true, "--json": false, positionals: /^[\da-z-]+$/ },
  "d1 migrations": { ...GLOBAL, "--remote": false, "--local": false, "--preview": false, positionals: /^(list|apply|tieline(-search)?)$/ },
  "secret list": { ...GLOBAL, "--name": true, "--format": true },
};

function fail(message) {
  process.stderr.write(`✘ [ERROR] ${message}\n`);
  process.exit(1);
}

/** The flags and positionals of a command, or an end for anything that it does not take. */
function parsed(args) {
  const command = args.slice(0, 2).join(" ");
  const known = COMMANDS[command];
  if (!known) fail(`Unknown command: ${command}`);
  const { positionals: pattern, ...flags } = known;
  const given = { command, positionals: [], variables: [] };
  for (let n = 2; n < args.length; n += 1) {
    const arg = args[n];
    if (!arg.startsWith("-")) {
      if (!pattern?.test(arg)) fail(`Unknown argument: ${arg}`);
      given.positionals.push(arg);
    } else if (!(arg in flags)) fail(`Unknown argument: ${arg}`);
    else if (!flags[arg]) given[arg] = true;
    else {
      n += 1;
      if (args[n] === undefined || args[n].startsWith("--")) fail(`Not enough arguments following: ${arg}`);
      if (arg === "--var") given.variables.push(args[n]);
      given[arg] = args[n];
    }
  }
  return given;
}

const file = process.env.FAKE_WRANGLER;
const world = JSON.parse(readFileSync(file, "utf8"));
const args = process.argv.slice(2);
appendFileSync(`${file}.log`, `${args.join(" ")}\n`);
const given = parsed(args);
const name = given["--name"] ?? /^name = "(.*)"/m.exec(readFileSync(given["-c"], "utf8"))?.[1];
const worker = world.workers[name];
if (given.command === "d1 migrations") {
  const pending = world.pending?.[given.positionals[1]] ?? [];
  console.log(pending.length > 0 ? `Migrations to be applied:\n${pending.join("\n")}` : "✅ No migrations to apply!");
  process.exit(0);
}
if (!worker) fail(`This Worker does not exist on your account. [code: 10007] ${name}`);
if (world.fails === `${given.command} ${name}`) fail("the network is away");

const deployments = () => worker.deployments;
switch (given.command) {
  case "versions upload": {
    const id = `${name}-v${worker.versions.length + 1}`;
    worker.versions.push({ id, tag: given["--tag"], variables: given.variables });
    if (given["--secrets-file"]) JSON.parse(readFileSync(given["--secrets-file"], "utf8"));
    const told = process.env.WRANGLER_OUTPUT_FILE_PATH;
    if (told) appendFileSync(told, `${JSON.stringify({ type: "version-upload", version: 1, worker_name: name, version_id: id })}\n`);
    console.log(`Worker Version ID: ${id}`);
    break;
  }
  case "versions deploy": {
    const versions = given.positionals.map((spec) => {
      const [, id, percent] = /^(.+)@(\d+)%$/.exec(spec) ?? fail(`no share in ${spec}`);
      if (!worker.versions.some((version) => version.id === id)) fail(`there is no version ${id}`);
      return { version_id: id, percentage: Number(percent) };
    });
    if (versions.length < 1 || versions.length > 2) fail("You can deploy at most 2 versions at a time.");
    if (versions.reduce((sum, { percentage }) => sum + percentage, 0) !== 100) fail("The shares must add up to 100 %.");
    if (!given["--yes"] && !given["-y"]) fail("nobody answers the question");
    const created_on = `2026-01-01T00:00:${String(deployments().length).padStart(2, "0")}Z`;
    deployments().push({ id: `d${deployments().length}`, created_on, versions });
    break;
  }
  case "deployments status":
    if (deployments().length === 0) fail(`The Worker ${name} has no deployments.`);
    console.log(JSON.stringify(deployments().at(-1), null, 2));
    break;
  case "deployments list":
    console.log(JSON.stringify(deployments().slice(-10), null, 2));
    break;
  case "versions view": {
    const version = worker.versions.find(({ id }) => id === given.positionals[0]);
    if (!version) fail("This version does not exist.");
    const annotations = version.tag ? { "workers/tag": version.tag } : {};
    console.log(JSON.stringify({ id: version.id, annotations, resources: { bindings: worker.bindings ?? [] } }, null, 2));
    break;
  }
  case "triggers deploy":
    worker.triggers = (worker.triggers ?? 0) + 1;
    break;
  case "secret list":
    console.log(JSON.stringify((worker.secrets ?? []).map((secret) => ({ name: secret, type: "secret_text" }))));
    break;
}
// Several may look at once; those that change something come one after the other.
if (/ (upload|deploy)$/.test(given.command)) writeFileSync(file, JSON.stringify(world));
