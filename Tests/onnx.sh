#!/usr/bin/env bash
# Compares every layer and every model of the zoo in ONNX Runtime with Tapestry: Tests/onnx.sh
#
# Graphs with random weights are written by `onnx-cases`, together with inputs of two batch sizes and
# lengths each and what Tapestry makes of them; Tests/onnx/compare.py checks and runs them. Python's
# packages stand in .build/onnx-venv, in the versions of Tests/onnx/requirements.txt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=$(bash Tests/python-packages.sh onnx)
swift build -c release --product onnx-cases
cases=$(mktemp -d)
trap 'rm -rf "$cases"' EXIT
.build/release/onnx-cases "$cases"
"$python" Tests/onnx/compare.py "$cases"
