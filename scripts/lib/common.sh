# Shared by the scripts: where things are, the tools that the build needs, and the build. To be sourced.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
WASM_TARGET=wasm32-unknown-unknown
pack="$root/target/tools/debug/pack"
# The packer's option that shrinks, for releases.
shrink=(--wasm-opt "$root/node_modules/.bin/wasm-opt")

export CARGO_TARGET_DIR="$root/target"
export WRANGLER_SEND_METRICS=false
# wrangler and Miniflare are 20 MB of JavaScript, which each stack would otherwise compile anew.
export NODE_COMPILE_CACHE="$root/target/node"
# wrangler needs a newer Node than many machines have; npm brings one.
export PATH="$root/node_modules/.bin:$PATH"

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }

need() {
  command -v "$1" >/dev/null 2>&1 || fail "$1 is not installed. $2"
}

# Whether one of the arguments asks for help.
asks_for_help() {
  local argument
  for argument in "$@"; do
    case "$argument" in --help | -h) return 0 ;; esac
  done
  return 1
}

# Does one step: says what it is, and how long it took. In a function that is a step `set -e` has no
# effect; it chains its commands with &&.
step() {
  local what=$1 started=$SECONDS status=0
  shift
  say "── $what …"
  "$@" || status=$?
  if [ "$status" != 0 ]; then
    say "── $what failed after $((SECONDS - started)) s"
  elif [ $((SECONDS - started)) -ge 2 ]; then
    say "── $what: $((SECONDS - started)) s"
  fi
  return "$status"
}

# The same for what mostly has nothing to do: says nothing unless it takes longer than a second.
step_if_slow() {
  local what=$1 started=$SECONDS status=0 teller
  shift
  (sleep 1 >/dev/null 2>&1 && say "── $what …") &
  teller=$!
  "$@" || status=$?
  kill "$teller" 2>/dev/null || true
  wait "$teller" 2>/dev/null || true
  [ $((SECONDS - started)) -lt 2 ] || say "── $what: $((SECONDS - started)) s"
  return "$status"
}

ensure_node_modules() {
  need npm "Install Node.js 20 or newer: https://nodejs.org"
  cmp -s "$root/package-lock.json" "$root/node_modules/.tieline-lock" 2>/dev/null && return
  step "Installing the npm tools (once)" install_node_modules
}

install_node_modules() {
  (cd "$root" && npm ci --no-audit --no-fund --loglevel=error >&2) &&
    cp "$root/package-lock.json" "$root/node_modules/.tieline-lock"
}

ensure_target() {
  need cargo "Install Rust with rustup: https://rustup.rs"
  command -v rustup >/dev/null 2>&1 || return 0
  (cd "$root" && rustup target list --installed 2>/dev/null | grep -qx "$WASM_TARGET") && return
  step "Installing Rust's WASM target (once)" rustup_target
}

rustup_target() { (cd "$root" && rustup target add "$WASM_TARGET" >&2); }

# The packer, which is a workspace of its own. Cargo itself finds out whether anything is to be done.
ensure_pack() { step_if_slow "Building the packer" build_pack; }

build_pack() {
  cargo build --locked --quiet --manifest-path "$root/scripts/pack/Cargo.toml" --target-dir "$root/target/tools"
}

ensure_tools() {
  ensure_target
  ensure_node_modules
  ensure_pack
}

# The names of the Workers, which are those of their folders: every function, and what only tests run.
function_names() { (cd "$root/functions" && printf '%s\n' */ | tr -d /); }
test_worker_names() { (cd "$root/tests/workers" && printf '%s\n' */ | tr -d /); }

# The cargo profile that a function is deployed in: the one that its Cargo.toml names, else release.
profile_of() {
  local named
  named=$(sed -n 's/^profile = "\(.*\)"$/\1/p' "$root/functions/$1/Cargo.toml")
  printf '%s\n' "${named:-release}"
}

# Compiles the named Workers under a cargo profile. What is deployed knows several databases only where it is to have some
# (several_databases); what runs locally always does.
compile_workers() {
  local profile=$1 name packages=() features=()
  shift
  if [ "$profile" = local ] || [ -n "${several_databases-}" ]; then features=(--features edge/several-databases); fi
  for name in "$@"; do packages+=(-p "$name"); done
  (cd "$root" && remap_paths "$profile" &&
    cargo build --locked --quiet --profile "$profile" --target "$WASM_TARGET" "${features[@]}" "${packages[@]}")
}

# Where a panic was is a text in the Worker. In what is deployed it does not say where this machine keeps its crates, nor
# where the project is, below which some crates write code when they are built.
# cargo divides the flags at blanks, so a path that has one stays.
remap_paths() {
  local folder flags=()
  [ "$1" != local ] || return 0
  # On a machine that has never built, the folders would be there only after the flags were made.
  cargo fetch --locked --quiet || return
  for folder in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
    [[ "$folder" == *" "* ]] || flags+=("--remap-path-prefix=$folder=crates")
  done
  [[ "$root" == *" "* ]] || flags+=("--remap-path-prefix=$root=tieline")
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="${flags[*]}"
}

# Compiles functions for release, each in its own profile, and packs them into a folder in whose name {} stands for theirs.
# keep_names=1 leaves the names of Rust's functions in.
release_workers() {
  local out=$1 profile name names options=("${shrink[@]}")
  local -A by_profile=()
  shift
  if [ -n "${keep_names-}" ]; then options+=(--keep-names); fi
  for name in "$@"; do by_profile[$(profile_of "$name")]+=" $name"; done
  for profile in "${!by_profile[@]}"; do
    read -ra names <<<"${by_profile[$profile]}"
    step_if_slow "Compiling the Workers for release ($profile)" compile_workers "$profile" "${names[@]}"
    pack_workers "$profile" "$out" "${options[@]}" "${names[@]}"
  done
}

# Packs the named Workers of a cargo profile: build/ holds what is deployed, target/workers what runs
# locally.
pack_workers() {
  local profile=$1 out=$2
  shift 2
  "$pack" --wasm "$root/target/$WASM_TARGET/$profile" --out "$out" "$@"
}
