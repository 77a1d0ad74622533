#!/usr/bin/env bash
# What building takes, and what a debug build costs: builds.sh [library] [package]
#
# library: a clean release build of the repository, and one after a change in one layer.
# package: a package outside, of a researcher who depends on this one by a version tag, trains models
#   at medium size in a debug build and in a release build of it.
#
# What is measured is the last commit, not the working tree.
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet "$repository" "$work/tapestry"
git -C "$work/tapestry" tag 1.0.0
parts=("$@")
[ $# -gt 0 ] || parts=(library package)

# Runs a command and prints how many seconds it took.
timed() {
  local name=$1 start
  shift
  start=$(date +%s.%N)
  "$@" > "$work/build.log" 2>&1 || {
    cat "$work/build.log"
    exit 1
  }
  printf '%s: %.1f s\n' "$name" "$(bc <<< "$(date +%s.%N) - $start")"
}

library() {
  cd "$work/tapestry"
  timed "clean release build" swift build -c release
  local layer=Sources/Layers/Linear.swift
  sed -i 's/linear(x, weight, bias)/linear(x * 1, weight, bias)/' $layer
  git diff --quiet && {
    echo "builds.sh: nothing was changed in $layer"
    exit 1
  }
  timed "after a change in one layer" swift build -c release
  git checkout --quiet $layer
}

package() {
  mkdir -p "$work/outside/Sources/outside"
  cd "$work/outside"
  cat > Package.swift << END
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "outside",
  dependencies: [.package(url: "file://$work/tapestry", from: "1.0.0")],
  targets: [
    .executableTarget(
      name: "outside",
      dependencies: ["Autograd", "Layers", "SimpleRNN", "AttentionRNN"].map {
        .product(name: \$0, package: "tapestry")
      })
  ],
  swiftLanguageModes: [.v6])
END
  local benchmarks=$work/tapestry/Benchmarks
  cp "$benchmarks/outside.swift" Sources/outside/main.swift
  cp "$benchmarks"/Workloads/{Models,OwnCells}.swift Sources/outside/
  local mode
  for mode in release debug; do
    timed "the package's $mode build" swift build -c $mode
    .build/$mode/outside > "$work/$mode.txt"
  done
  # Columns: name, milliseconds in release, in debug, ratio.
  paste -d ' ' "$work/release.txt" "$work/debug.txt" \
    | awk '{ printf "%s: release %.1f ms, debug %.1f ms, ratio %.2f\n", $1, $2, $4, $4 / $2 }'
}

for part in "${parts[@]}"; do
  case $part in
    library | package) $part ;;
    *)
      echo "builds.sh: there are library and package, not \"$part\""
      exit 2
      ;;
  esac
done
