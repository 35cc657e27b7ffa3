# Shared by the scripts: where things are, and the tools that the build needs. To be sourced.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools="$root/target/tools"
WASM_TARGET=wasm32-unknown-unknown
WASM_BINDGEN_VERSION=$(sed -n 's/^wasm-bindgen = "=\(.*\)"$/\1/p' "$root/Cargo.toml")
WORKER_BUILD_VERSION=$(sed -n 's/^worker = { version = "=\([^"]*\)".*$/\1/p' "$root/Cargo.toml")

export WASM_BINDGEN_BIN="$tools/bin/wasm-bindgen"
export WASM_OPT_BIN="$root/scripts/lib/wasm-opt"
export ESBUILD_BIN="$root/node_modules/.bin/esbuild"
export WRANGLER_SEND_METRICS=false
# wrangler needs a newer Node than many machines have; npm brings one.
export PATH="$root/node_modules/.bin:$PATH"

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }

need() {
  command -v "$1" >/dev/null 2>&1 || fail "$1 is not installed. $2"
}

# Installs a cargo program of exactly this version into target/tools, unless it is there.
cargo_tool() {
  local crate=$1 version=$2 program=$3
  if [ -x "$tools/bin/$program" ] && "$tools/bin/$program" --version 2>/dev/null | grep -qF "$version"; then
    return
  fi
  say "Installing $crate $version (once, some minutes) …"
  CARGO_TARGET_DIR="$tools/build" cargo install "$crate" --version "$version" --root "$tools" --quiet
}

ensure_node_modules() {
  need npm "Install Node.js 20 or newer: https://nodejs.org"
  local stamp="$root/node_modules/.tieline-lock"
  if ! cmp -s "$root/package-lock.json" "$stamp" 2>/dev/null; then
    say "Installing the npm tools …"
    # Not `npm ci`: it refuses a lock file that lacks another system's build of workerd.
    (cd "$root" && npm install --no-save --no-audit --no-fund --loglevel=error >&2)
    cp "$root/package-lock.json" "$stamp"
  fi
}

ensure_tools() {
  need cargo "Install Rust with rustup: https://rustup.rs"
  if command -v rustup >/dev/null 2>&1; then
    (cd "$root" && rustup target list --installed 2>/dev/null | grep -qx "$WASM_TARGET") ||
      (cd "$root" && rustup target add "$WASM_TARGET" >&2)
  fi
  ensure_node_modules
  cargo_tool wasm-bindgen-cli "$WASM_BINDGEN_VERSION" wasm-bindgen
  cargo_tool worker-build "$WORKER_BUILD_VERSION" worker-build
}

# The folders of the Workers: every function, and those that only tests run.
worker_folders() {
  (cd "$root" && find functions tests/workers -mindepth 1 -maxdepth 1 -type d 2>/dev/null | sort) || true
}
