#!/usr/bin/env bash
# Compares tables, pictures and sounds with pandas, Pillow, pypng and libsndfile, both ways: Tests/datafiles.sh
#
# Tests/datafiles/compare.py writes files by these, `data-cases` says what it reads in them and writes them
# again, and what it has written is read back by these. Python's packages stand in .build/datafiles-venv,
# in the versions of Tests/datafiles/requirements.txt; Tests/DataFilesTests/make_fixtures.py takes them too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=$(bash Tests/python-packages.sh datafiles)
swift build -c release --product data-cases
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
"$python" Tests/datafiles/compare.py write "$files"
.build/release/data-cases "$files"
"$python" Tests/datafiles/compare.py check "$files"
# What is written as PyTorch's files; Benchmarks/peers/install.sh installs it.
if [ -x .build-peers/bin/python ]; then
  .build-peers/bin/python Tests/datafiles/compare_torch.py "$files"
else
  echo "PyTorch is not there: the .pt files are not compared"
fi
