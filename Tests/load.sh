#!/usr/bin/env bash
# Trains and applies models for a while, and looks at what grows: Tests/load.sh [MINUTES]
#
# Two trainings and one `zoo apply` that answers words without end run side by side, with as many threads as
# TAPESTRY_THREADS says. Memory, open files, threads and work for each second of processor time are sampled each second and
# judged by `Tests/load/sampling.py`, whose rules stand at its top. The samples are kept where LOAD_SAMPLES says, if it does.
# ZOO is the program, where it is not to be built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
minutes=${1:-1}
if ! command -v python3 > /dev/null || [ ! -d /proc/self/fd ]; then
  echo "load: skipped, as there is no Python or no /proc"
  exit 0
fi
if [ -z "${ZOO:-}" ]; then
  [ -n "${TAPESTRY_BUILT:-}" ] || swift build -c release --product zoo
  ZOO="$PWD/.build/release/zoo"
fi
unset TAPESTRY_BUILT
exec python3 Tests/load/sampling.py "$ZOO" "$minutes" ${LOAD_SAMPLES:+"$LOAD_SAMPLES"}
