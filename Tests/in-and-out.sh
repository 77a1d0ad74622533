#!/usr/bin/env bash
# Runs the program and then the Python of the article "Taking a model out": Tests/in-and-out.sh
#
# Python's packages stand in .build/onnx-venv, as for Tests/onnx.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=.build/onnx-venv
if ! cmp -s Tests/onnx/requirements.txt "$venv/requirements.txt"; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement Tests/onnx/requirements.txt
  cp Tests/onnx/requirements.txt "$venv/requirements.txt"
fi
(cd Examples && swift run TakingAModelOut)
awk '/^```python$/ { inside = 1; next } /^```$/ { inside = 0 } inside' \
  Documentation/Tapestry.docc/TakingAModelOut.md | "$venv/bin/python" -
