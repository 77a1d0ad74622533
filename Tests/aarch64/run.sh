#!/usr/bin/env bash
# What can be shown of arm64 on a machine that is none.
#
# - `Kernels`, `KernelsBaseline` and `KernelsNEON` are compiled for aarch64, by the toolchain's Embedded
#   Swift, and every kernel in NEON runs under qemu-aarch64 beside plain loops, the C library and the
#   baseline in Double, in arrays whose ends are the ends of what may be touched.
# - In the machine code, the inner loops of the matrix product and of exp and tanh have `fmla` and no call.
# The floors above, and threads, are for `floors.sh` beside it.
#
# Says "skipped" where a tool is missing and cannot be installed (Debian: gcc-aarch64-linux-gnu, qemu-user).
#
#   Tests/aarch64/run.sh [FOLDER]    keeps what it makes in the folder
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

skip() {
  echo "skipped: $*"
  exit 0
}

if ! command -v qemu-aarch64 > /dev/null || ! command -v aarch64-linux-gnu-gcc > /dev/null; then
  command -v apt-get > /dev/null && [ "$(id -u)" = 0 ] || skip "no qemu-aarch64 and aarch64-linux-gnu-gcc"
  { apt-get update && apt-get install -y --no-install-recommends gcc-aarch64-linux-gnu \
    libc6-dev-arm64-cross qemu-user; } > /dev/null 2>&1 || skip "qemu-user cannot be installed"
fi
toolchain=$(dirname "$(readlink -f "$(command -v swiftc)")")
embedded=$toolchain/../lib/swift/embedded
[ -e "$embedded/Swift.swiftmodule/aarch64-none-none-elf.swiftmodule" ] ||
  skip "the toolchain has no Embedded Swift for aarch64-none-none-elf"

if [ $# -gt 0 ]; then
  work=$1
  mkdir -p "$work"
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi

# compile MODULE OPTIONS AND FILES ...: for aarch64, as Package.swift has it compiled.
compile() {
  local module=$1
  shift
  swiftc -target aarch64-none-none-elf -enable-experimental-feature Embedded -swift-version 6 -wmo -O \
    -enable-experimental-feature BuiltinModule -package-name tapestry -enforce-exclusivity=unchecked \
    -Xcc -fno-math-errno \
    -I "$work" -module-name "$module" -c "$@" -o "$work/$module.o"
}

kernels=$root/Sources/Kernels
cd "$work"
compile Platform -parse-as-library -emit-module "$here/Platform.swift"
# Threads are the C library's, and Embedded Swift has none: all else is there.
mapfile -t files < <(find "$kernels/Kernels" -name '*.swift' ! -name 'Thread*')
compile Kernels -parse-as-library -emit-module "${files[@]}" "$here/StandIns.swift"
# The sets are compiled with what calls them: Embedded Swift makes code of a generic function where it is
# called. Left out are their entries for other modules, of a kind that it has not (`any KernelSet.Type`).
compile Harness "$kernels/KernelsBaseline/Baseline.swift" "$kernels/KernelsNEON/NEON.swift" \
  "$here"/{main,Runs,Memory,Generator}.swift
aarch64-linux-gnu-gcc -static -fuse-ld=lld -B"$toolchain" Harness.o Kernels.o Platform.o -lm -o harness
qemu-aarch64 ./harness

# inner PATTERN LEAST: fails unless the functions whose names match have an inner loop with so many `fmla`, and
# no such loop calls anything.
aarch64-linux-gnu-objdump -d --no-show-raw-insn harness | awk -f "$here/loops.awk" \
  | swift demangle --compact > loops
inner() {
  awk -v name="$1" -v least="$2" '
    $0 ~ name && $(NF - 1) > 0 { all++; calls += $NF; if ($(NF - 1) >= least) found++ }
    END {
      printf "%s: %d inner loops, %d with at least %d fmla, %d calls\n", name, all, found, least, calls
      exit !(found > 0 && calls == 0)
    }' loops
}
status=0
# A tile of 8 x 3 vectors.
inner 'NEONFloat.*Panel.*multiply' 24 || status=1
inner 'NEONDouble.*Panel.*multiply' 24 || status=1
for function in Exp Tanh; do
  inner "NEONFloat.*Unary.*\\.$function>.*map" 5 || status=1
  inner "NEONDouble.*Unary.*\\.$function>.*map" 8 || status=1
done
[ $status = 0 ] || echo "a loop of NEON has no fmla, or calls a function"
exit $status
