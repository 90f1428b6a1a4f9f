#!/usr/bin/env bash
# Makes a checkout ready to run: the Debian packages named as arguments, the npm dependencies, and dist/.
# Does only what is missing, and says so first. usage: test/setup.sh [PACKAGE...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing=()
for package in "$@"; do
  [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2> /dev/null || true)" = 'ii ' ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get > /dev/null; then
    echo "setup: this is no Debian; please install: ${missing[*]}" >&2
  else
    echo "setup: installing Debian packages with apt-get: ${missing[*]}"
    root=()
    [ "$(id -u)" = 0 ] || root=(sudo)
    # RUNLEVEL=1: a package's service (docker-registry has one) is not started.
    root+=(env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1)
    "${root[@]}" apt-get update -q
    "${root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"
  fi
fi

installed='
  const want = require("./package-lock.json").packages;
  const have = require("./node_modules/.package-lock.json").packages;
  const there = ([path, entry]) => path === "" || entry.optional || have[path]?.version === entry.version;
  process.exit(Object.entries(want).every(there) ? 0 : 1);'
if ! node -e "$installed" 2> /dev/null; then
  echo 'setup: npm ci'
  npm ci --no-audit --no-fund
fi
# The bundle is written last: where it is newer than what it is made of, it is whole.
if [ ! -e dist/cli/main.js ] || [ -n "$(find src esbuild.config.ts package.json package-lock.json tsconfig*.json -newer dist/cli/main.js -print -quit)" ]; then
  npm run --silent build
fi
