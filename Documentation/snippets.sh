#!/usr/bin/env bash
# Compiles every block of Swift in the documentation of declarations and in the pages of the house, each in a
# function of its own: Documentation/snippets.sh
#
# Documentation/Snippets/Context.swift has the types that they take for granted, Variables.swift there the
# variables, and a file there with the name of a
# snippet's file what that one takes beside it; one that begins with "// file" says that the snippet is to stand
# in a file, not in a function. Blocks that are no program, such as a part of a manifest, are marked as ```swift-part.
# Errors name the line of the documentation. Uses the modules of the release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=.build/snippets
rm -rf "$work"
mkdir -p "$work"
[ -n "${TAPESTRY_BUILT:-}" ] || swift build -c release

# Every library, as a snippet may use any.
imports=$(sed -nE 's/^ *\.library\(name: "([A-Za-z0-9]+)", targets.*/import \1/p' Package.swift)

# blocks FILE: its blocks of Swift, one after the other: a line "@ LINE", then the block.
blocks() {
  awk '
    { line = $0; if (doc) { if (!sub(/^ *\/\/\/ ?/, "", line)) line = "" } }
    line ~ /^```swift$/ { inside = 1; print "@ " FNR + 1; next }
    line ~ /^```$/ { inside = 0 }
    inside { print line }
  ' doc="$(case $1 in *.swift) echo 1 ;; *) echo 0 ;; esac)" "$1"
}

count=0
close() { printf '#sourceLocation()\n%s\n' "$closing" >> "$file"; }
while IFS= read -r path; do
  context="Documentation/Snippets/$(basename "$path" .swift).swift"
  case $path in *.md) context="Documentation/Snippets/$(basename "$(dirname "$path")").md.swift" ;; esac
  inFile=0
  [ -f "$context" ] && [ "$(head -1 "$context")" = "// file" ] && inFile=1
  while IFS= read -r line; do
    case $line in
      "@ "*)
        [ $count = 0 ] || close
        count=$((count + 1))
        file=$(printf '%s/Snippet%03d.swift' "$work" "$count")
        echo "$imports" > "$file"
        closing='}}}'
        [ $inFile = 0 ] || closing=
        if [ $inFile = 0 ]; then
          echo "func snippet$count() async throws {" >> "$file"
          cat Documentation/Snippets/Variables.swift >> "$file"
          echo "do {" >> "$file"
        fi
        [ ! -f "$context" ] || cat "$context" >> "$file"
        [ $inFile = 1 ] || echo "do {" >> "$file"
        echo "#sourceLocation(file: \"$path\", line: ${line#@ })" >> "$file"
        ;;
      # What it imports is there, but its line is.
      "import "*) echo >> "$file" ;;
      *) echo "$line" >> "$file" ;;
    esac
  done < <(blocks "$path")
done < <(
  echo README.md
  find Sources -name '*.docc' -prune -o -type f \( -name README.md -o -name '*.swift' \) -print | sort
  ls Documentation/*.md
)
close
swiftc -typecheck -parse-as-library -swift-version 6 -suppress-warnings -I .build/release/Modules \
  Documentation/Snippets/Context.swift "$work"/*.swift
echo "$count snippets compile"
