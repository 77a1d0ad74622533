#!/usr/bin/env bash
# Installs ONNX Runtime and JAX, in pinned versions, into a virtual environment: install.sh [FOLDER]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${1:-$here/../../.build-agreement}
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
echo "$venv"
