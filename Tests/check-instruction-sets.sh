#!/bin/sh
# No function may be compiled under one name for two instruction sets: the linker would keep any
# one of them, and an older machine might then run instructions that it does not have.
#
# Lists the weak functions that the object files of more than one kernel target define, and fails
# if one of them is more than metadata of types. Run it after `swift build -c release`.
set -eu
build=${1:-$(dirname "$0")/../.build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# weak NAME TARGET ...: the weak functions of targets that are compiled for the same instructions.
weak() {
  name=$1
  shift
  for target in "$@"; do
    ls "$build/$target.build/"*.o > /dev/null 2>&1 || {
      echo "check-instruction-sets: no object files of $target in $build" >&2
      exit 2
    }
    nm --defined-only "$build/$target.build/"*.o
  done | awk '$2 == "W" { print $3 }' | sort -u > "$work/$name"
}

weak baseline Kernels KernelsBaseline
weak avx2 KernelsAVX2
weak avx512 KernelsAVX512
cat "$work"/* | sort | uniq -d > "$work/shared"

# Accessors of metadata and witness tables run once, and use no vector instructions.
metadata='metadata|witness table|value witness|outlined|reflection|__swift_instantiate|__swift_project|__swift_memcpy|__swift_noop|type descriptor|descriptor'
swift demangle --compact < "$work/shared" | grep -vE "$metadata" > "$work/bad" || true

echo "$(wc -l < "$work/shared") weak functions are shared, $(wc -l < "$work/bad") of them code:"
cat "$work/bad"
[ ! -s "$work/bad" ]
