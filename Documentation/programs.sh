#!/usr/bin/env bash
# Takes the program out of each article of Documentation/Tapestry.docc that has one, and writes it to
# Examples/Sources/ARTICLE/main.swift: Documentation/programs.sh [--check]
#
# An article's blocks of Swift, one after the other, are its program. With --check nothing is written;
# a program that is another than its article's is an error.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
failed=0
for article in Documentation/Tapestry.docc/*.md; do
  grep -q '^```swift$' "$article" || continue
  name=$(basename "$article" .md)
  program=Examples/Sources/$name/main.swift
  text=$(
    echo "// The program of Documentation/Tapestry.docc/$name.md: change it there, and call Documentation/programs.sh."
    awk '/^```swift$/ { inside = 1; if (count++) print ""; next } /^```$/ { inside = 0 } inside' "$article"
  )
  if [ "${1:-}" = --check ]; then
    if ! diff <(echo "$text") "$program"; then
      echo "$program is not the program of $article: call Documentation/programs.sh" >&2
      failed=1
    fi
  else
    mkdir -p "$(dirname "$program")"
    echo "$text" > "$program"
  fi
done
exit $failed
