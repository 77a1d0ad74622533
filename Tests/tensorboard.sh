#!/usr/bin/env bash
# Trains a small model with `zoo train --tensorboard`, stops it and goes on, and reads the file with
# TensorBoard's own reader: Tests/tensorboard.sh
#
# Also makes Tests/TensorBoardTests/Fixtures anew, by TensorBoard's own messages, and fails where that
# changes them. Python's packages stand in .build/tensorboard-venv, in the versions of
# Tests/tensorboard/requirements.txt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=.build/tensorboard-venv
if ! cmp -s Tests/tensorboard/requirements.txt "$venv/requirements.txt"; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement Tests/tensorboard/requirements.txt
  cp Tests/tensorboard/requirements.txt "$venv/requirements.txt"
fi
swift build -c release --product zoo
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
options=(--tensorboard --log-steps 1)
.build/release/zoo train forecaster --epochs 6 --out "$run" "${options[@]}" 2> /dev/null
.build/release/zoo train forecaster --epochs 12 --resume "$run" "${options[@]}" 2> /dev/null
"$venv/bin/python" Tests/tensorboard/check.py "$run"
"$venv/bin/python" Tests/tensorboard/make_fixture.py "$run/fixture"
cmp "$run/fixture" Tests/TensorBoardTests/Fixtures/events
echo "Tests/TensorBoardTests/Fixtures is what TensorBoard's own messages are"
