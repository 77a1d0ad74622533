#!/usr/bin/env bash
# Makes the documentation as a static site: Documentation/build.sh [FOLDER]     .build/documentation by default
#
# Symbols of each library product are taken from the release build, and made into pages by the toolchain's
# docc, with the catalogue of each target and the articles of Documentation/Tapestry.docc. A warning of docc,
# a library without a catalogue, and a program of an article that is another in Examples are errors.
#
# To look at it: python3 -m http.server --directory .build/documentation
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
site=${1:-.build/documentation}
work=.build/documentation-work

bash Documentation/programs.sh --check

# Where each catalogue is; those of lower floors first, as pages link downwards.
modules=()
while IFS= read -r module; do
  catalogue=$(find Sources -type d -name "$module.docc")
  if [ -z "$catalogue" ]; then
    echo "$module is a library product without a catalogue $module.docc" >&2
    exit 1
  fi
  modules+=("$catalogue")
done < <(sed -nE 's/^ *\.library\(name: "([A-Za-z0-9]+)", targets.*/\1/p' Package.swift)

[ -n "${TAPESTRY_BUILT:-}" ] || swift build -c release
triple=$(swift -print-target-info | sed -nE 's/^ *"unversionedTriple": "(.*)",?/\1/p' | head -1)
rm -rf "$work" "$site"
mkdir -p "$work"

# archive NAME CATALOGUE ARGUMENT ...: makes the pages of a catalogue, which may link to those made before.
archives=()
archive() {
  local name=$1 catalogue=$2 dependencies=()
  shift 2
  for path in "${archives[@]}"; do dependencies+=(--dependency "$path"); done
  docc convert "$catalogue" --fallback-display-name "$name" --fallback-bundle-identifier "tapestry.$name" \
    --enable-experimental-external-link-support --disable-parameters-and-returns-validation \
    --warnings-as-errors "${dependencies[@]}" "$@" -o "$work/$name.doccarchive"
  archives+=("$work/$name.doccarchive")
}

for catalogue in "${modules[@]}"; do
  name=$(basename "$catalogue" .docc)
  mkdir -p "$work/$name"
  swift symbolgraph-extract -module-name "$name" -I .build/release/Modules -target "$triple" \
    -minimum-access-level public -skip-inherited-docs -output-dir "$work/$name"
  archive "$name" "$catalogue" --additional-symbol-graph-dir "$work/$name"
done
archive Tapestry Documentation/Tapestry.docc
docc merge "${archives[@]}" --synthesized-landing-page-name Tapestry -o "$site"
# The site begins with its own first page, in place of a list of modules.
sed -i.bak 's#<head>#<head><script>if (/\\/(index.html)?$/.test(location.pathname)) location.replace("documentation/tapestry/")</script>#' \
  "$site/index.html"
rm "$site/index.html.bak"
echo "${#archives[@]} modules and articles in $site"
