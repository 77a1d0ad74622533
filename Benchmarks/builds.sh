#!/usr/bin/env bash
# What building takes, and what a debug build costs: builds.sh [library] [package]
#
# library: a clean release build of the repository, and one after a change in a layer's body, in its
#   interface, and in an operation's body.
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

# Builds again after a change by a sed script in a file, and takes the change back.
after() {
  local name=$1 file=$2 script=$3
  sed -i "$script" "$file"
  git diff --quiet && {
    echo "builds.sh: nothing was changed in $file"
    exit 1
  }
  timed "$name" swift build -c release
  git checkout --quiet "$file"
  swift build -c release > /dev/null 2>&1
}

library() {
  cd "$work/tapestry"
  timed "clean release build" swift build -c release
  local layer=Sources/Layers/Linear.swift
  after "after a change in one layer" $layer 's/checkedLinear(x.value/checkedLinear((x * 1).value/'
  after "after a change in one layer's interface" $layer \
    's/^  @OptionalParameter/  public var outputSize: Int { weight.shape[0] }\n&/'
  after "after a change in one operation" Sources/Autograd/Operations/Arithmetic.swift \
    's/Tensor(a.value + b.value)/Tensor(b.value + a.value)/'
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
