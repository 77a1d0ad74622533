#!/usr/bin/env bash
# How long the compiler takes to see through fifty expressions of plain numbers beside tensors, in
# seconds of its own time, with this library alone and with Foundation beside it; fails above two.
# Needs a release build, whose modules it reads.
#
#   Tests/TypeChecking/measure.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
modules=$(echo "$here"/../../.build/*/release/Modules)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT=%U
status=0
for imports in Autograd 'Autograd\nimport Foundation'; do
  sed "s/^import Autograd/import $imports/" "$here/PlainNumbers.swift" > "$work/File.swift"
  time=$({ time swiftc -typecheck -swift-version 6 -I "$modules" "$work/File.swift" >&2; } 2>&1)
  echo "import $imports: $time s"
  awk "BEGIN { exit !($time > 2) }" && status=1
done
exit $status
