#!/usr/bin/env bash
# Runs the program and then the Python of the article "Taking a model out": Tests/in-and-out.sh
#
# Python's packages stand in .build/onnx-venv, as for Tests/onnx.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=$(bash Tests/python-packages.sh onnx)
(cd Examples && swift run TakingAModelOut)
awk '/^```python$/ { inside = 1; next } /^```$/ { inside = 0 } inside' \
  Documentation/Tapestry.docc/TakingAModelOut.md | "$python" -
