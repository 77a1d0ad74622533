#!/usr/bin/env bash
# Feeds all readers, and all writers with their readers, inputs that nobody would think of:
# Tests/fuzz.sh [SECONDS [TARGET ...]]
#
# Each target for SECONDS, 60 if not said; `.build-fuzz/release/fuzz --list` names them. With RUNS=10000000 each gets so many
# inputs instead. The library is compiled with libFuzzer's counters into .build-fuzz, which takes as long as a release
# build; inputs that reach something new are kept there, in `corpus`, and those that end a reader in `found`.
#
# Tests/fuzz.sh --blind [SECONDS] uses the release build as it is: the inputs of Tests/fuzz/corpus, and these changed at
# random. It is what takes seconds (CI), and what is left where the toolchain has no libFuzzer.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
blind=
if [ "${1:-}" = --blind ]; then
  blind=1
  shift
fi
seconds=${1:-60}
[ $# -eq 0 ] || shift
resources=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
if [ -z "$blind" ] && ! ls "$resources"/clang/lib/*/libclang_rt.fuzzer* > /dev/null 2>&1; then
  echo "fuzz: skipped, the toolchain has no libFuzzer; Tests/fuzz.sh --blind needs none"
  exit 0
fi
if [ -n "$blind" ]; then
  program=.build/release/fuzz
  [ -n "${TAPESTRY_BUILT:-}" ] || swift build -c release --product fuzz || exit 1
else
  program=.build-fuzz/release/fuzz
  # gold, which Swift links with unless it is told otherwise, ends with an internal error on the counters' sections.
  TAPESTRY_FUZZER=1 swift build --scratch-path .build-fuzz -c release --product fuzz \
    -Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld || exit 1
fi
[ $# -gt 0 ] || set -- $("$program" --list)
# Targets that read files write them here: in memory, where that can be had.
scratch=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
trap 'rm -rf "$scratch"' EXIT
export TMPDIR="$scratch"
# What traps ends at once, so that libFuzzer sees a crash.
export SWIFT_BACKTRACE=enable=no
found="$PWD/.build-fuzz/found"
failures=0

# seeds TARGET: folders with the checked-in inputs of a target, those of the test suites among them.
seeds() {
  local path
  for path in "Tests/fuzz/corpus/$1" $(
    case $1 in
      safetensors | npy | npz | pt | weights) echo Tests/InterchangeTests/Fixtures ;;
      picture | wav | csv) echo Tests/DataFilesTests/Fixtures ;;
      events) echo Tests/TensorBoardTests/Fixtures ;;
    esac
  ); do
    [ ! -d "$path" ] || printf '%s\n' "$path"
  done
}

for target in "$@"; do
  log="$scratch/log"
  if [ -n "$blind" ]; then
    timeout $((${seconds%.*} + 60)) "$program" "$target" "$seconds" $(seeds "$target") > "$log" 2>&1
    status=$?
    line=$(tail -n 1 "$log")
  else
    corpus=.build-fuzz/corpus/$target
    mkdir -p "$corpus" "$found"
    limit=(-max_total_time="$seconds")
    [ -z "${RUNS:-}" ] || limit=(-runs="$RUNS")
    "$program" "$target" "${limit[@]}" -seed=1 -max_len=8192 -timeout=20 -rss_limit_mb=2048 \
      -use_value_profile=1 -print_final_stats=1 -artifact_prefix="$found/$target-" "$corpus" \
      $(seeds "$target") > "$log" 2>&1
    status=$?
    number() { sed -n "s/^stat::$1: *//p" "$log"; }
    line="$target: $(number number_of_executed_units) inputs, $(number average_exec_per_sec) a second, $(
      sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1) places reached, at most $(number peak_rss_mb) MB"
  fi
  if [ "$status" = 0 ]; then
    echo "$line"
  else
    failures=$((failures + 1))
    echo "FAILED $target: status $status"
    tail -c 1500 "$log" | sed 's/^/    /'
  fi
done
if [ "$failures" -gt 0 ]; then
  echo "fuzz: $failures targets FAILED${blind:+, without libFuzzer}"
  exit 1
fi
echo "fuzz: $# targets passed"
