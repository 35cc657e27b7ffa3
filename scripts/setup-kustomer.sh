#!/usr/bin/env bash
# Connects Kustomer: `tieline kustomer setup`, with the variables of a file .env in the caller's folder.
source "$(dirname "$0")/lib/common.sh"

if asks_for_help "$@"; then
  cat <<TXT
Usage: scripts/setup-kustomer.sh [options of \`tieline kustomer setup\`]

Runs \`tieline kustomer setup\`, which checks the key's permissions, stores the settings, switches the
connection on, and sends a test through. Variables KUSTOMER_…, VITE_KUSTOMER_… and TIELINE_… of a file .env
in this folder are used where the environment has none of their name; nothing in the file is run. .env.template
lists them.

TXT
  exec "$root/scripts/tieline" kustomer setup --help
fi

# A line NAME=value, as .env files have it: quotes around it, or a comment behind it, are no part of the value.
read_variables() {
  local line name value
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?((VITE_)?KUSTOMER_[A-Z_]+|TIELINE_[A-Z_]+)=(.*)$ ]] || continue
    name=${BASH_REMATCH[2]} value=${BASH_REMATCH[4]}
    case $value in
      \"*) value=${value#\"} value=${value%%\"*} ;;
      \'*) value=${value#\'} value=${value%%\'*} ;;
      *) value=${value%%[[:space:]]#*} value=${value%"${value##*[![:space:]]}"} ;;
    esac
    [ -n "$value" ] && [ -z "${!name:-}" ] && export "$name=$value"
  done <"$1"
  return 0
}

if [ -f .env ]; then
  read_variables .env
fi
exec "$root/scripts/tieline" kustomer setup "$@"
