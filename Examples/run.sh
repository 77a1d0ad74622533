#!/usr/bin/env bash
# Builds the examples and runs each; what one prints is looked at for a line that it must have.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
swift build
expect() {
  local name=$1 pattern=$2 output
  output=$(.build/debug/"$name")
  printf '%s: %s\n' "$name" "$(head -n 1 <<< "$output")"
  if ! grep -qE "$pattern" <<< "$output"; then
    printf '%s: expected %s, found\n%s\n' "$name" "$pattern" "$output" >&2
    exit 1
  fi
}
# Everything that a package can import was compiled, in debug.
libraries=$(sed -nE 's/^ *\.library\(name: "([A-Za-z0-9]+)", targets.*/\1/p' ../Package.swift | sort)
if ! diff <(echo "$libraries") <(sed -n 's/^import //p' Sources/Everything/main.swift | sort); then
  echo "Sources/Everything does not import all libraries (<)" >&2
  exit 1
fi
expect Everything '^2.0'
expect Pronounce '^tapestry T AE P'
expect OwnScore '\[\[6, 5, 4\], \[7, 5\], \[7, 7, 4, 6\], \[7\]\]'
expect Translate '\[\[6, 5, 4\], \[7, 5\], \[7, 7, 4, 6\], \[7\]\]'
expect Summarize '\[\[6, 5\], \[6, 5\], \[6, 5\], \[6, 5\]\]'
expect Speakers '^speaker 1 said by 1'
expect Sunspots '^after 2008: [0-9.]+ spots'
expect Caption '^flag: Norway'
expect Recognize '^\[\[4, 5\], \[5, 4\]\] \[\[4, 5\], \[5, 4\]\]'
expect Requests '^PlayMusic'
expect FirstModel '^3[3-9][0-9] of 370 right'
expect NewLayer '^gradients agree: true'
expect NewCell '^the same loss: true'
expect ReadingAttention '^behind the end: \[0.0, 0.0\]'
expect FromPyTorch '^differs by less than 0.01: true'
expect OwnData '^own-data/short.csv:3: '
expect OwnTrainingLoop '^12 rows; '
expect SeveralRanks '^10000 examples, learnt: true$'
expect TakingAModelOut '^written: \["example.npz", "listener.onnx", "listener.safetensors"\]'
# A library of one's own, from Python where it is there with NumPy.
if python3 -c 'import numpy' 2> /dev/null; then
  library=.build/debug/libelman.so
  [ -e "$library" ] || library=.build/debug/libelman.dylib
  output=$(PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=../Python python3 Sources/OwnLibrary/elman.py "$library")
  printf 'OwnLibrary: %s\n' "$output"
  grep -q 'True$' <<< "$output"
else
  echo "OwnLibrary: built, not run: python3 has no NumPy"
fi
