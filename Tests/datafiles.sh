#!/usr/bin/env bash
# Compares tables, pictures and sounds with pandas, Pillow, pypng and libsndfile, both ways: Tests/datafiles.sh
#
# Tests/datafiles/compare.py writes files by these, `data-cases` says what it reads in them and writes them
# again, and what it has written is read back by these. Python's packages stand in .build/datafiles-venv,
# in the versions of Tests/datafiles/requirements.txt; Tests/DataFilesTests/make_fixtures.py takes them too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=.build/datafiles-venv
if ! cmp -s Tests/datafiles/requirements.txt "$venv/requirements.txt"; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement Tests/datafiles/requirements.txt
  cp Tests/datafiles/requirements.txt "$venv/requirements.txt"
fi
swift build -c release --product data-cases
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
"$venv/bin/python" Tests/datafiles/compare.py write "$files"
.build/release/data-cases "$files"
"$venv/bin/python" Tests/datafiles/compare.py check "$files"
# What is written as PyTorch's files; Benchmarks/peers/install.sh installs it.
if [ -x .build-peers/bin/python ]; then
  .build-peers/bin/python Tests/datafiles/compare_torch.py "$files"
else
  echo "PyTorch is not there: the .pt files are not compared"
fi
