#!/usr/bin/env bash
# What building takes, and what a debug build costs: builds.sh [library] [package]
#
# library: a clean release build of the repository, and one after a change in one layer.
# package: a package outside, of a researcher who depends on this one by a version tag, trains models
#   at medium size in a debug build and in a release build of it; the least of three turns.
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

# Runs a command and prints how many seconds it took, and how many of processors' time.
timed() {
  local name=$1 TIMEFORMAT='%R %U %S'
  shift
  { time "$@" > "$work/build.log" 2>&1; } 2> "$work/time.txt" || {
    cat "$work/build.log"
    exit 1
  }
  awk -v name="$name" '{ printf "%s: %.1f s, %.1f s of processors\n", name, $1, $2 + $3 }' \
    "$work/time.txt"
}

library() {
  cd "$work/tapestry"
  timed "clean release build" swift build -c release
  local layer=Sources/Layers/Linear.swift
  sed -i 's/checkedLinear(x.value/checkedLinear((x * 1).value/' $layer
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
  local mode turn
  for mode in release debug; do
    timed "the package's $mode build" swift build -c $mode
  done
  # In turn, so that what else the machine does meets both.
  for turn in 1 2 3; do
    for mode in release debug; do
      ".build/$mode/outside" | sed "s/^/$mode /" >> "$work/times.txt"
    done
  done
  awk '
    !(($1, $2) in least) || $3 < least[$1, $2] { least[$1, $2] = $3 }
    !seen[$2]++ { names[++count] = $2 }
    END {
      for (i = 1; i <= count; i++) {
        r = least["release", names[i]]
        d = least["debug", names[i]]
        printf "%s: release %.2f ms, debug %.2f ms, ratio %.2f\n", names[i], r, d, d / r
      }
    }' "$work/times.txt"
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
