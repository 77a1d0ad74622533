#!/usr/bin/env bash
# Two counts that keep the house as it is:
#
# - Only Sources/Platform imports a C library, or asks for a system.
# - Layers, models and trainings hold no unsafe pointers but those that Tests/unsafe-pointers.txt names,
#   each file with how often and why. An entry that is no longer true fails, too.
#
#   Tests/check-imports.sh [FOLDER]     of the repository by default
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"
failed=0

# found PATTERN: the lines of Swift that match, comments aside, outside of the room of the C library.
found() {
  grep -rnE --include='*.swift' "$1" Sources Benchmarks Tests Examples \
    | grep -vE '^Sources/Platform/|/\.build|^[^:]*:[0-9]*: *//' || true
}

library='Glibc|Musl|Darwin|Bionic|WinSDK'
lines=$(
  found "(^|[^a-zA-Z])import +([a-z]+ +)?($library)\\b"
  found "canImport\\((Runtime|$library)\\)|^ *#(if|elseif)[^/]*\\b(os|targetEnvironment)\\("
)
if [ -n "$lines" ]; then
  echo "Only Sources/Platform may import a C library or ask for a system:"
  echo "$lines"
  failed=1
fi

list=Tests/unsafe-pointers.txt
counted=$(
  grep -roE --include='*.swift' '\b(Unsafe[A-Za-z]*Pointer|OpaquePointer|Unmanaged)\b' \
    Sources/Layers Sources/Training Sources/Zoo | cut -d: -f1 | sort | uniq -c | awk '{ print $2, $1 }'
)
named=$(grep -vE '^(#|$)' "$list" | awk '{ print $1, $2 }' | sort)
grep -vE '^(#|$)' "$list" | awk 'NF < 3 { print "without a reason: " $0; bad = 1 } END { exit bad }' \
  || failed=1
if ! difference=$(diff <(echo "$named") <(echo "$counted")); then
  echo "Unsafe pointers (<: as $list says, >: as it is; file and count):"
  grep '^[<>]' <<< "$difference"
  failed=1
fi
[ $failed = 0 ] && echo "No C library above Sources/Platform; $(wc -l <<< "$named") files with unsafe pointers, all named"
exit $failed
