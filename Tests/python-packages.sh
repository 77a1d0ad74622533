#!/usr/bin/env bash
# Installs the Python packages of Tests/NAME/requirements.txt in .build/NAME-venv, unless they are there in these
# versions, and prints the path of that Python: Tests/python-packages.sh NAME
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
list=Tests/$1/requirements.txt
venv=.build/$1-venv
if ! cmp -s "$list" "$venv/requirements.txt"; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement "$list"
  cp "$list" "$venv/requirements.txt"
fi
echo "$venv/bin/python"
