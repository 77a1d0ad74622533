#!/usr/bin/env bash
# Makes every kind of page and drawing, and loads each in headless Chromium (pages.py says what is
# looked at). Run it after `swift test -c release`; where there is no browser, it says so and that is
# all. Tests/install-browser.sh brings one.
#
#   Tests/pages.sh [FILE ...]    the given files instead
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=$repository/.build/browser/bin/python
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$chromium" ] || [ ! -x "$python" ]; then
  echo "pages: skipped, there is no browser; Tests/install-browser.sh installs one"
  exit 0
fi
if [ $# -gt 0 ]; then
  exec "$python" "$repository/Tests/pages.py" "$chromium" "$@"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$repository"
zoo=.build/release/zoo
"$zoo" pronounce tapestry attention extraordinarily --html "$work/pronounce.html" > /dev/null
"$zoo" demo --minutes 0.1 --html "$work/demo.html" > /dev/null
TAPESTRY_PAGES=$work swift test -c release --skip-build --filter HTMLReportTests > /dev/null
"$python" Tests/pages.py "$chromium" "$work"/*.html "$work"/*.svg
