#!/usr/bin/env bash
# Runs the whole suite on a new Debian 12 machine with Node 20: installs what is missing, builds, tests.
# Arguments choose test files by a part of their path. With CI=true a test that lacks something fails instead of skipping.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
test/setup.sh attr buildah busybox-static bzip2 ca-certificates chromium docker-registry erofs-utils mmdebstrap mount openssl \
  qemu-user-static rpm runc skopeo uidmap umoci xz-utils zstd
if [ "${CI:-}" = true ]; then export SLIPWAY_REQUIRE="${SLIPWAY_REQUIRE:-all}"; fi
# Node reads these certificates at every start, which the tests would pay hundreds of times.
if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
  export SLIPWAY_TEST_CA_CERTS="$NODE_EXTRA_CA_CERTS"
  unset NODE_EXTRA_CA_CERTS
fi
exec node --import tsx test/run.ts "$@"
