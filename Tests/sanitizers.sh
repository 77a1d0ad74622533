#!/usr/bin/env bash
# Runs test suites under the compiler's sanitizers: Tests/sanitizers.sh [address] [thread] [poison]
#
# address: reads and writes beside a buffer, and after it was freed. The pool of buffers is off: each is one of the C
#   library's, of exactly its size. Fresh memory is full of NaN, so that a result that depends on it is one.
# thread: races between threads, in the suites that have some.
# poison: no sanitizer, a release build whose fresh memory is full of NaN (debug builds have that by themselves): all
#   suites, at full speed.
#
# All three if none is named. Each compiles everything anew into a folder of its own (.build-address, ...), so that it takes
# as long as a release build, and the suites several times as long as without. SUITES, a pattern of `swift test --filter`,
# runs others.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
[ $# -gt 0 ] || set -- address thread poison
failed=()

# What is measured of the pool is not there where each buffer is the library's; how much memory a process takes is
# another thing under a sanitizer.
exact=(--skip MemoryTests --skip 'memory grows with the root' --skip AllocationTests)

# run NAME "FLAGS OF SWIFT BUILD" PATTERN [FLAGS OF SWIFT TEST ...]
run() {
  local name=$1 flags=$2 pattern=${SUITES:-$3} start=$SECONDS status
  shift 3
  # shellcheck disable=SC2086
  swift build --scratch-path ".build-$name" -c release --build-tests $flags || {
    failed+=("$name: build")
    return
  }
  # shellcheck disable=SC2086
  timeout 3600 swift test --scratch-path ".build-$name" -c release --disable-testable-imports --skip-build $flags \
    --filter "$pattern" "$@"
  status=$?
  printf '== %s: status %s after %d s\n' "$name" "$status" $((SECONDS - start))
  [ "$status" = 0 ] || failed+=("$name")
}

for kind in "$@"; do
  case $kind in
    address)
      # Leaks of a process that a test ends on purpose are none.
      export ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0
      run address '--sanitize address -Xswiftc -DTAPESTRY_EXACT_BUFFERS -Xswiftc -DTAPESTRY_POISONED_BUFFERS' \
        'KernelsTests|AutogradTests|LayersTests|TrainingTests|DeflateTests|DataFilesTests|InterchangeTests|TasksTests|CInterfaceTests' \
        "${exact[@]}"
      ;;
    thread)
      export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
      run thread '--sanitize thread' \
        'ThreadsTests|MatrixProductTests|TapeTests|RecurrentTests|SimultaneousGradientsTests|KeptLayoutTests|CInterfaceTests|TrainerTests' \
        --skip MemoryTests
      ;;
    poison)
      run poison '-Xswiftc -DTAPESTRY_POISONED_BUFFERS' '.*'
      ;;
    *)
      echo "sanitizers: address, thread or poison is expected, not '$kind'" >&2
      exit 2
      ;;
  esac
done
if [ ${#failed[@]} -gt 0 ]; then
  printf 'sanitizers: FAILED'
  printf ' [%s]' "${failed[@]}"
  printf '\n'
  exit 1
fi
echo "sanitizers: passed ($*)"
