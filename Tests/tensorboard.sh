#!/usr/bin/env bash
# Trains a small model with `zoo train --tensorboard`, stops it and goes on, and reads the file with
# TensorBoard's own reader, and the picture of the example OwnTrainingLoop: Tests/tensorboard.sh
#
# Also makes Tests/TensorBoardTests/Fixtures anew, by TensorBoard's own messages, and fails where that
# changes them. Python's packages stand in .build/tensorboard-venv, in the versions of
# Tests/tensorboard/requirements.txt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=$(bash Tests/python-packages.sh tensorboard)
swift build -c release --product zoo
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
options=(--tensorboard --log-steps 1)
.build/release/zoo train forecaster --epochs 6 --out "$run" "${options[@]}" 2> /dev/null
.build/release/zoo train forecaster --epochs 12 --resume "$run" "${options[@]}" 2> /dev/null
(cd Examples && TMPDIR=$run swift run OwnTrainingLoop > /dev/null 2>&1)
"$python" Tests/tensorboard/check.py "$run" "$run/own-loop/pictures"
"$python" Tests/tensorboard/make_fixture.py "$run/fixture"
cmp "$run/fixture" Tests/TensorBoardTests/Fixtures/events
echo "Tests/TensorBoardTests/Fixtures is what TensorBoard's own messages are"
