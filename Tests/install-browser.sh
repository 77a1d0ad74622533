#!/usr/bin/env bash
# Installs what Tests/pages.sh needs, on Debian as root: Chromium, and the package that drives it, in
# a folder of the build.
set -euo pipefail
build=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.build

if ! command -v chromium > /dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    chromium fonts-dejavu-core
fi
python3 -m venv "$build/browser"
"$build/browser/bin/pip" install --quiet playwright==1.65.2
