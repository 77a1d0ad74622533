#!/usr/bin/env bash
# Makes every kind of page and drawing, and loads each in headless Chromium (pages.py says what is
# looked at). Run it after `swift test -c release --disable-testable-imports`; where there is no
# browser, it says so and that is all. Tests/install-browser.sh brings one.
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
"$zoo" explain captioner "flag: Norway" "waving hand" --html "$work/captioner.html" > /dev/null
"$zoo" explain tagger "play some jazz in the kitchen" --html "$work/tagger.html" > /dev/null
# Words that are wider than a phone, and such that are written from right to left beside others.
long=$(printf 'ca%.0s' $(seq 150))
"$zoo" explain tagger "play שלום עולם مرحبا jazz $long" --html "$work/long-tagger.html" > /dev/null
"$zoo" pronounce "$long" --html "$work/long-pronounce.html" > /dev/null
# Runs of their own, as short as can be: their reports, a comparison, a ladder, a Transformer's heads.
head -n 600 Sources/Zoo/Pronunciation/Resources/CMUdict/cmudict.dict > "$work/words"
"$zoo" train attention-rnn --epochs 2 --out "$work/attention" > /dev/null 2>&1
"$zoo" train simple-rnn --epochs 2 --out "$work/simple" > /dev/null 2>&1
cp "$work/attention/report.html" "$work/report.html"
"$zoo" compare "$work/attention" "$work/simple" --html "$work/compare.html" > /dev/null
"$zoo" ladder --data "$work/words" --epochs 1 --seeds 1 --rungs fixed,additive,self-attention \
  --out "$work/ladder" > /dev/null 2>&1
cp "$work/ladder/ladder.html" "$work/ladder.html"
"$zoo" explain transformer --weights "$work/ladder/self-attention-1/best.safetensors" cat \
  --html "$work/transformer.html" > /dev/null
TAPESTRY_PAGES=$work swift test -c release --disable-testable-imports --skip-build --filter HTMLReportTests \
  > /dev/null
"$python" Tests/pages.py "$chromium" "$work"/*.html "$work"/*.svg
