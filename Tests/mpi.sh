#!/usr/bin/env bash
# Starts several ranks with the launchers of Open MPI and MPICH: Tests/mpi.sh [openmpi|mpich|standard ...]
#
# What ranks do together is compared with plain loops, with 1, 2, 3 and 5 ranks; trainings with those of one
# process; ranks are killed, and throw, in the midst of a training, which then goes on with another number of ranks.
# Installs Debian's packages where it may; what is not there is skipped, with a word. `standard` is the binary interface of
# MPI 5, of an MPICH that PyPI has.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# Its ranks share processors here.
export OMPI_MCA_rmaps_base_oversubscribe=1

# launcher IMPLEMENTATION: the program that starts ranks; nothing where there is none.
launcher() {
  command -v "mpirun.$1" || {
    [ "$1" != standard ] || echo "$standard"
    # Where one implementation alone is installed it has the plain name.
    case "$1" in
      openmpi) mpirun --version 2>/dev/null | grep -q 'Open MPI' && command -v mpirun ;;
      mpich) mpiexec --version 2>/dev/null | grep -qi 'hydra' && command -v mpiexec ;;
    esac
  }
}

install() {
  [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || return 1
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; } > /dev/null 2>&1
}

# What `standard` is started with, as ranks would look for MPICH's own interface first; nothing where it cannot be installed.
standard=

install_standard() {
  local python folder
  python=$(Tests/python-packages.sh mpi-standard 2> /dev/null) || return 1
  folder=$(realpath "$(dirname "$python")/..")
  standard=$folder/mpirun.standard
  printf '#!/bin/sh\nTAPESTRY_MPI_LIBRARY=%s exec %s "$@"\n' \
    "$folder/lib/libmpi_abi.so.1" "$folder/bin/mpiexec" > "$standard"
  chmod +x "$standard"
}

wanted=("$@")
[ $# -gt 0 ] || wanted=(openmpi mpich standard)
found=()
for name in "${wanted[@]}"; do
  package=$name
  [ "$name" = openmpi ] && package=openmpi-bin
  if [ "$name" = standard ]; then
    install_standard
    package="Python's package mpich"
  elif [ -z "$(launcher "$name")" ]; then
    install "$package"
  fi
  if [ -n "$(launcher "$name")" ]; then
    found+=("$name")
  else
    echo "skipped: $name is not installed, and $package cannot be"
  fi
done
[ ${#found[@]} -gt 0 ] || exit 0

if [ -z "${TAPESTRY_BUILT:-}" ]; then
  swift build -c release --product mpi-ranks || exit 1
  swift build -c release --product zoo || exit 1
fi
unset TAPESTRY_BUILT
ranks=$PWD/.build/release/mpi-ranks
zoo=$PWD/.build/release/zoo
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
passed=0
failed=0

# check NAME COMMAND ...: counts whether a command succeeds; what a failing one says is shown.
check() {
  local name=$1
  shift
  if timeout 60 "$@" > said 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'failed: %s: %s\n' "$name" "$*"
    sed 's/^/  /' said | head -40
  fi
}

# ends SECONDS NAME SENTENCE COMMAND ...: a command that fails, within so many seconds, saying so.
ends() {
  local seconds=$1 name=$2 sentence=$3 start
  shift 3
  start=$(date +%s%N)
  if timeout 60 "$@" > said 2>&1; then
    echo "succeeded" >> said
  elif [ $((($(date +%s%N) - start) / 1000000)) -gt $((seconds * 1000)) ]; then
    echo "ended after more than $seconds seconds" >> said
  elif grep -qE "$sentence" said; then
    passed=$((passed + 1))
    return
  fi
  failed=$((failed + 1))
  printf 'failed: %s: expected an end with "%s"\n' "$name" "$sentence"
  sed 's/^/  /' said | head -40
}

same() { check "$1" "$ranks" compare "$2" "$3" "$4"; }

# What every model is asked, by one process and by several ranks: names, and the words after `zoo`.
printf '%s\n' 'play some jazz in the kitchen' 'will it rain in oslo tomorrow' 'book a table for two' > requests
# Seconds of noise, as WAV files.
mkdir spoken
for i in 0 1 2 3 4 5; do
  { printf 'RIFF\x24\x7d\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data\0\x7d\0\0'
    seq $((100000 * (i + 1))) $((100000 * (i + 2))) | head -c 32000; } > spoken/$i.wav
  printf '%s\t%s.wav\tword\tW ER D\tnobody\tclean\n' "$([ $i -lt 3 ] && echo train || echo valid)" $i
done > spoken/manifest.tsv
for i in 0 1 2 3 4 5; do echo spoken/$i.wav; done > sounds
asked=(
  'evaluate attention-rnn' 'evaluate forecaster' 'apply captioner 1F436 1F44B 1F34E' 'apply tagger --input requests'
  'apply speech --json --weights heard/best.safetensors --input sounds'
)

printf '%s\n' 'HELLO  HH AH0 L OW1' 'WORLD  W ER1 L D' 'LOOM  L UW1 M' > words
check "alone" "$ranks" training alone
check "alone: zoo train speech" "$zoo" train speech --data spoken --epochs 1 --hidden-size 8 --out heard
for words in "${asked[@]}"; do
  name=${words//[ \/]/-}
  check "alone: zoo $words" sh -c "$zoo $words > $name-alone"
done
for name in "${found[@]}"; do
  start=$(launcher "$name")
  for count in 1 2 3 5; do
    check "$name, $count ranks: collectives" "$start" -n $count "$ranks" collectives
    grep ranks: said
    check "$name, $count ranks: training" "$start" -n $count "$ranks" training "$name$count"
    # In double precision, over 24 steps: the order of sums.
    same "$name, $count ranks: as one process" "$name$count" alone 1e-10
  done
  check "$name: errors" "$start" -n 2 "$ranks" refused
  check "$name: again" "$start" -n 3 "$ranks" training "$name-again"
  same "$name: the same bits" "$name-again" "${name}3" 0
  # Hydra ends the other ranks by force when one is killed; no rank can say anything any more.
  case "$name" in
    openmpi) gone='rank [0-2] of 3: rank [01] is gone' ;;
    mpich | standard) gone='Killed \(signal 9\)' ;;
  esac
  for rank in 0 1; do
    ends 10 "$name: rank $rank is killed" "$gone" \
      "$start" -n 3 "$ranks" training "$name-killed$rank" --kill $rank@17
    ends 10 "$name: rank $rank throws" "^rank $rank of 3 has failed: this rank was to throw" \
      "$start" -n 3 "$ranks" training "$name-thrown$rank" --throw $rank@17
    for end in killed thrown; do
      check "$name: goes on" "$start" -n 2 "$ranks" training "$name-$end$rank" --resume
      same "$name: as one process, $end" "$name-$end$rank" alone 1e-10
    done
  done
  ends 10 "$name: weights drift apart" 'after step [0-9]*, rank 1 had other weights' \
    "$start" -n 3 "$ranks" training "$name-drift" --drift 1@17
  # The program that trains alone, without another option.
  check "$name: zoo" "$start" -n 2 "$zoo" train attention-rnn --epochs 2 --batch-size 8 --out "$name-zoo"
  check "$name: zoo, bfloat16" "$start" -n 2 "$zoo" train attention-rnn --epochs 2 --gradients bfloat16 --out "$name-zoo16"
  # Decoding by several ranks, of lines that rank 0 alone can read.
  check "$name: zoo apply" sh -c "printf 'tapestry\nweaver\nloom\n' | $start -n 2 $zoo apply seq2seq > said-by-two"
  check "$name: zoo apply says the same" sh -c "printf 'tapestry\nweaver\nloom\n' | $zoo apply seq2seq | cmp - said-by-two"
  for words in "${asked[@]}"; do
    said=${words//[ \/]/-}
    check "$name: zoo $words" sh -c "$start -n 2 $zoo $words > $said-two && cmp $said-alone $said-two"
  done
  check "$name: zoo evaluate" sh -c "$start -n 2 $zoo evaluate seq2seq --test words --hypotheses h2 > scores-of-two"
  check "$name: zoo evaluate says the same" sh -c "$zoo evaluate seq2seq --test words --hypotheses h1 | cmp - scores-of-two && cmp h1 h2"
  check "$name: rounding errors" test -s "$name-zoo16/checkpoint.rank0.safetensors" -a -s "$name-zoo16/checkpoint.rank1.safetensors"
  check "$name: zoo's files" test -s "$name-zoo/report.html" -a -s "$name-zoo/scores.json"
done
# Sums are made in the ranks' order, whatever the library is.
for name in "${found[@]:1}"; do
  for count in 1 2 3 5; do
    same "$count ranks: the same bits with ${found[0]} and $name" "${found[0]}$count" "$name$count" 0
  done
done
printf '%d passed, %d failed\n' $passed $failed
[ $failed = 0 ]
