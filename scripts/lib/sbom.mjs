// The bill of materials: every crate that is compiled into a Worker, from what cargo knows, and the data of others
// that is deployed with one. CycloneDX 1.6 in JSON. The same lock file gives the same bytes.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

const TARGET = "wasm32-unknown-unknown";
const cargo = (args) => execFileSync("cargo", args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });

const metadata = () =>
  JSON.parse(cargo(["metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET]));

/** The checksum of each crate of the registry, by name and version. */
function checksums() {
  const entries = readFileSync(path.join(root, "Cargo.lock"), "utf8").split("[[package]]");
  const field = (entry, name) => new RegExp(`^${name} = "(.*)"$`, "m").exec(entry)?.[1];
  return new Map(entries.map((entry) => [`${field(entry, "name")} ${field(entry, "version")}`, field(entry, "checksum")]));
}

/** Name and version of what is compiled into the Workers: without macros, and what only builds or tests. */
function shippedNames() {
  const workers = readdirSync(path.join(root, "functions")).flatMap((name) => ["-p", name]);
  const args = ["tree", "--locked", "--target", TARGET, "--edges", "normal,no-proc-macro", "--prefix", "none"];
  const lines = cargo([...args, "--format", "{p}", ...workers]).split("\n");
  return new Set(lines.filter(Boolean).map((line) => line.split(" ").slice(0, 2).join(" ").replace(" v", " ")));
}

/** What the Workers are made of, each with what it is made of in turn. */
function shipped({ packages, resolve }) {
  const names = shippedNames();
  const isShipped = ({ name, version }) => names.has(`${name} ${version}`);
  const byId = new Map(packages.filter(isShipped).map((one) => [one.id, one]));
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const runs = ({ dep_kinds: kinds }) => kinds.some(({ kind }) => kind === null);
  const below = (id) => nodes.get(id).deps.filter(runs).map(({ pkg }) => byId.get(pkg)).filter(Boolean);
  return [...byId].map(([id, one]) => ({ ...one, below: below(id) }));
}

const reference = ({ name, version, source }) => (source ? `pkg:cargo/${name}@${version}` : `${name}@${version}`);
const inOrder = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** The table by which embed-text works. Its NOTICE has the licences in full. */
function table() {
  const file = "functions/embed-text/assets/static128.bin";
  const digest = createHash("sha256").update(readFileSync(path.join(root, file))).digest("hex");
  return {
    type: "data",
    "bom-ref": file,
    name: path.basename(file),
    description: "Word-piece vectors, distilled from all-MiniLM-L6-v2 on the glosses of WordNet 3.0",
    licenses: [{ license: { id: "Apache-2.0" } }, { license: { name: "WordNet 3.0 licence" } }],
    hashes: [{ alg: "SHA-256", content: digest }],
  };
}

/** The bill as an object. */
export function billOfMaterials() {
  const sums = checksums();
  const all = shipped(metadata()).sort((a, b) => inOrder(reference(a), reference(b)));
  const component = (one) => {
    const sum = sums.get(`${one.name} ${one.version}`);
    return {
      type: one.source ? "library" : "application",
      "bom-ref": reference(one),
      name: one.name,
      version: one.version,
      ...(one.source && { purl: reference(one) }),
      ...(one.license && { licenses: [{ expression: one.license.replaceAll("/", " OR ").replace(/\s+/g, " ") }] }),
      ...(sum && { hashes: [{ alg: "SHA-256", content: sum }] }),
    };
  };
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "application", "bom-ref": "tieline", name: "tieline" } },
    components: [...all.map(component), table()],
    dependencies: all.map((one) => ({ ref: reference(one), dependsOn: one.below.map(reference).sort(inOrder) })),
  };
}

/** Writes it, and gives where. */
export function writeBillOfMaterials(file = path.join(root, "target/sbom.cdx.json")) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(billOfMaterials(), null, 2)}\n`);
  return file;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(writeBillOfMaterials(process.argv[2]));
