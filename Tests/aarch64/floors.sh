#!/usr/bin/env bash
# Reads the floors as Linux on arm64 compiles them, with the C library's own headers: types are checked, and
# Swift's intermediate code is made. There is nothing to link with: the toolchain brings the standard
# library for this machine alone, but its text too (`.swiftinterface`), from which a module for aarch64 is
# made here. Of Foundation there is none.
#
# Says "skipped" where the headers (Debian: libc6-dev-arm64-cross) or the texts are missing. For Darwin
# there is nothing like that: its headers come with Apple's SDK alone.
#
#   Tests/aarch64/floors.sh [MODULE ...]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
toolchain=$(dirname "$(readlink -f "$(command -v swiftc)")")
library=$toolchain/../lib/swift
headers=/usr/aarch64-linux-gnu/include
host=x86_64-unknown-linux-gnu
target=aarch64-unknown-linux-gnu
skip() {
  echo "skipped: $*"
  exit 0
}
[ -e "$headers/pthread.h" ] || skip "no headers of aarch64 in $headers"
[ -e "$library/linux/Swift.swiftmodule/$host.swiftinterface" ] || skip "no text of the standard library"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A library folder like the toolchain's, with the other architecture.
mkdir -p "$work/lib/linux/aarch64"
for entry in "$library"/*; do
  [ "$(basename "$entry")" = linux ] || ln -s "$entry" "$work/lib/"
done
for entry in "$library"/linux/lib*.{h,modulemap}; do ln -s "$entry" "$work/lib/linux/"; done
cp "$library"/linux/x86_64/{SwiftGlibc.h,glibc.modulemap} "$work/lib/linux/aarch64/"
for module in Swift Glibc Synchronization _Concurrency _StringProcessing _Builtin_float SwiftOnoneSupport; do
  mkdir "$work/lib/linux/$module.swiftmodule"
  # Two functions of Float80, which arm64 has not, call C functions that its headers have not.
  sed "s/-target $host/-target $target/; s/self = _stdlib_remainderl(self, other)/self += other/
    s/self = _stdlib_squareRootl(self)/self += self/" \
    "$library/linux/$module.swiftmodule/$host.swiftinterface" \
    > "$work/lib/linux/$module.swiftmodule/$target.swiftinterface"
done

# check MODULE FOLDER: all files of a module.
check() {
  local module=$1 log=$work/log files
  mapfile -t files < <(find "$root/Sources/$2" -name '*.swift')
  if swiftc -emit-module -no-emit-module-separately-wmo -emit-module-path "$work/$module.swiftmodule" \
    -module-name "$module" -wmo -Onone -swift-version 6 -package-name tapestry -parse-as-library \
    -enable-experimental-feature BuiltinModule ${3:+-enable-upcoming-feature "$3"} -target $target \
    -resource-dir "$work/lib" -module-cache-path "$work/cache" -sdk / \
    -Xcc -isystem -Xcc "$headers" -I "$work" "${files[@]}" > "$log" 2>&1
  then
    echo "$module: ${#files[@]} files"
  else
    grep -E 'error:' "$log" | head -20
    echo "$module: FAILED"
    exit 1
  fi
}

check Platform Platform
check Kernels Kernels/Kernels
for set in Baseline AVX2 AVX512 NEON; do check "Kernels$set" "Kernels/Kernels$set"; done
check Autograd Autograd InternalImportsByDefault
check Layers Layers InternalImportsByDefault
echo "Not shown: Training and Zoo, which need Foundation; anything of Darwin"
