#!/usr/bin/env bash
# Does to `zoo` what may happen to a program, and looks at what becomes of it: Tests/faults.sh [KILLS]
#
# The table of faults: bad and endless input, closed and full outputs, limits of the system, signals, and calls of the
# system that fail (where strace may make them fail). Each case has the status and the sentence that it must end with,
# within 60 seconds. Then trainings of each kind of model (Tests/tiny.sh) are killed KILLS times each, at random moments,
# and go on: they must end with the bits of one that was not killed, and leave nothing behind. A thousand kills of each
# kind take some two hours where TMPDIR is in memory: TMPDIR=/dev/shm Tests/faults.sh 1000
# PART=N leaves out all but every Nth of the many like cases, ONLY is a pattern of those that are run, KINDS names the kinds that are killed, where it is not all; ZOO is the program, where it is not to be built.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
kills=${1:-0}
[ -n "${TAPESTRY_BUILT:-}${ZOO:-}" ] || swift build -c release --product zoo || exit 1
# The program refuses variables of its own kind that it does not know.
unset TAPESTRY_BUILT
export zoo="${ZOO:-$PWD/.build/release/zoo}"
tests="$PWD/Tests"
# shellcheck source=Tests/tiny.sh
. "$tests/tiny.sh"
work=$(mktemp -d)
mounted=
trap '[ -z "$mounted" ] || umount "$work/small"; rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
cases=0
product=0

# case NAME STATUS PATTERN COMMAND: runs a line of a shell, and compares its status, and whatever it prints with a pattern
# of grep -E. `$zoo` is the program.
case_() {
  local name=$1 status=$2 pattern=$3 found
  [[ $name =~ ${ONLY:-} ]] || return 0
  # Those of a product, such as each file in each state, have a colon.
  if [[ $name == *": "* ]]; then
    product=$((product + 1))
    [ $((product % ${PART:-1})) = 0 ] || return 0
  fi
  cases=$((cases + 1))
  timeout 60 bash -c "$4" < /dev/null > output 2>&1
  found=$?
  if [ "$found" != "$status" ] || { [ -n "$pattern" ] && ! grep -qaE "$pattern" output; }; then
    printf 'FAILED %s: status %s (expected %s), and no "%s" in:\n' "$name" "$found" "$status" "$pattern"
    tail -c 600 output | sed 's/^/    /'
    failures=$((failures + 1))
  fi
}

if ! tiny_data 2> /dev/null; then
  echo "pictures and sounds: left out, as there is no Python to make them"
  tiny_models=$(grep -vE '^(captioner|speech)' <<< "$tiny_models")
fi
export small='seq2seq --data words --hidden-size 4 --embedding-size 3 --batch-size 2'
truncate -s 1T sparse
head -c 100 /dev/urandom > noise
"$zoo" train $small --epochs 1 --out whole > /dev/null 2>&1
head -c 1000 whole/best.safetensors > cut.safetensors

# Endless and enormous input
case_ 'a line without end' 2 'standard input:1: the line is longer than' '$zoo apply seq2seq < /dev/zero'
case_ 'weights without end' 2 'more than the 2147483648 bytes' '$zoo evaluate seq2seq --weights /dev/zero'
case_ 'a table without end' 2 'more than the .* bytes' '$zoo train forecaster --task table --data /dev/zero --out new'
case_ 'a word list of a terabyte' 2 'sparse: .*cannot be read: File too large' '$zoo train seq2seq --data sparse --out new'
case_ 'weights of a terabyte' 2 'sparse, byte 8: expected' '$zoo inspect sparse'
case_ 'a word of 10,000 letters' 0 'K|AH' '$zoo apply seq2seq $(printf "ca%.0s" $(seq 5000))'
case_ 'a word of 100,000 letters' 2 'at most 20000 are answered' 'printf "ca%.0s" $(seq 50000) | $zoo apply seq2seq'
case_ 'a configuration without end' 2 'bytes' '$zoo train seq2seq --config /dev/zero --out new'
# Bad input
case_ 'weights that were cut off' 2 'cut.safetensors.*expected' '$zoo inspect cut.safetensors'
case_ 'noise for weights' 2 'noise, byte 0: expected a header' '$zoo inspect noise'
case_ 'noise for a word list' 2 'noise, line 1: expected' '$zoo train seq2seq --data noise --out new'
case_ 'a directory for a file' 2 'Is a directory' '$zoo inspect .'
case_ 'a damaged bit' 2 'expected content with the checksum|expected' 'cp whole/best.safetensors b; printf "\377" | dd of=b bs=1 seek=$(($(stat -c %s b) - 9)) conv=notrunc status=none; $zoo inspect b'
case_ 'a name that moves the cursor' 2 "'a.u.1B.\[2J'" '$zoo inspect $(printf "a\033[2J")'
case_ 'a name of 100,000 characters' 2 'File name too long' '$zoo inspect $(printf "a%.0s" $(seq 100000)); s=$?; exit $s'
# Outputs
case_ 'a full standard output' 2 'No space left on device' '$zoo list > /dev/full'
case_ 'a closed standard output' 2 'Bad file descriptor' '$zoo list >&-'
case_ 'a closed standard error in a training' 0 'WER' '$zoo train $small --epochs 2 --out e1 2>&- && ! grep -a epoch.*left e1/log.csv'
case_ 'all streams closed in a training' 2 '' '$zoo train $small --epochs 2 --out e2 <&- >&- 2>&-; s=$?; [ "$(wc -l < e2/log.csv)" = 3 ] || exit 9; exit $s'
case_ 'a reader of progress that goes' 141 '' '$zoo train $small --epochs 40 --out e3 2>&1 | true; s=${PIPESTATUS[0]}; [ "$(wc -l < e3/log.csv)" = 41 ] || exit 9; exit $s'
# Limits
case_ 'files that may not be long' 2 'cannot write .*File too large' 'ulimit -f 8; $zoo train $small --epochs 2 --out f1'
case_ 'no memory' 2 'out of memory: a tensor of|^zoo: ' 'ulimit -v 100000; for i in 1 2 3 4 5 6 7 8; do $zoo pronounce cat > o 2>&1 || { s=$?; cat o; exit $s; }; ulimit -v $((100000 - i * 1200)); done; echo "zoo: fits"; exit 2'
case_ 'few descriptors' 0 'K AE T' 'ulimit -n 6; $zoo apply seq2seq cat'
case_ 'a thousand threads' 0 'K AE T' 'TAPESTRY_THREADS=1000 timeout 5 $zoo apply seq2seq cat'
# Folders
case_ 'a folder that has a training' 2 'has a training already: --resume whole' '$zoo train $small --epochs 1 --out whole'
case_ 'a folder in use' 2 "cannot lock 'use'" '$zoo train $small --epochs 100000 --out use > /dev/null 2>&1 & sleep 1; $zoo train seq2seq --resume use; s=$?; kill -KILL %1; exit $s'
case_ 'a folder that a kill has let go' 0 'WER' '$zoo train seq2seq --resume use --epochs 1'
case_ 'other data' 2 'the content of --data is .*, but was' 'cp -r whole w1; (cat words; printf "tac\tT AE K\n") > words2; $zoo train seq2seq --resume w1 --data words2 --epochs 3'
case_ 'other data, allowed' 0 'WER' '$zoo train seq2seq --resume w1 --data words2 --epochs 3 --allow-changes'
case_ 'a damaged checkpoint' 0 'goes on from .*checkpoint.previous' 'cp -r e3 w2; printf xx > w2/checkpoint.safetensors; $zoo train seq2seq --resume w2 --epochs 42'
case_ 'two damaged checkpoints' 2 'w3/checkpoint.safetensors' 'cp -r e3 w3; for f in w3/check*; do printf xx > $f; done; $zoo train seq2seq --resume w3 --epochs 42'
# Signals: the training ends in order, and what is saved can be gone on with.
for signal in INT TERM HUP; do
  case_ "SIG$signal" 0 'interrupted after' "setsid \$zoo train \$small --epochs 100000 --out s$signal & sleep 1; kill -$signal \$!; wait \$!"
  case_ "after SIG$signal" 0 'WER' "\$zoo train seq2seq --resume s$signal --epochs 1"
done
case_ 'SIGHUP under nohup' 0 '' 'nohup $zoo train $small --epochs 100000 --out n1 > /dev/null 2>&1 & sleep 1; kill -HUP $!; sleep 1; kill -KILL $!'
# Each command, and each stream
: > empty
mkfifo pipe
while IFS= read -r command; do
  case_ "a full standard output: $command" 2 'No space left on device' "\$zoo $command > /dev/full"
  case_ "a closed standard output: $command" 2 'Bad file descriptor' "\$zoo $command >&-"
  case_ "a closed standard input: $command" 0 '' "\$zoo $command <&-"
  case_ "a closed standard error: $command" 0 '' "\$zoo $command 2>&-"
  case_ "a full standard error: $command" 0 '' "\$zoo $command 2> /dev/full"
done << 'COMMANDS'
--help
apply seq2seq cat
explain tagger play some jazz
pronounce cat
list
caption "flag: Norway"
inspect whole/best.safetensors
evaluate seq2seq --weights whole/best.safetensors
COMMANDS
# Each file that is read, in each state
for file in absent empty noise cut.safetensors .; do
  for command in 'inspect' 'apply seq2seq cat --weights' 'explain seq2seq cat --weights' 'evaluate tagger --weights' \
    'export seq2seq --onnx exported.onnx --weights' 'train seq2seq --config' 'pronounce cat --weights' 'compare whole'; do
    case_ "$file: $command" 2 "^zoo: .*($file|has no training)" "\$zoo $command $file"
  done
  for model in simple-rnn seq2seq transformer summarizer 'forecaster --task table' tagger captioner speech; do
    case_ "$file: the data of $model" 2 '^zoo: ' "\$zoo train $model --out new --data $file"
  done
done
for file in checkpoint.safetensors config.json log.csv best.safetensors; do
  for state in 'rm X' ': > X' 'cp noise X' 'rm X; mkdir X'; do
    # With a damaged log or best weights a training may go on; it must never trap, and never lose the checkpoint.
    case_ "$file of a training: $state" 0 'ended in order' "rm -rf w; cp -r e3 w; ${state//X/w\/$file}; \$zoo train seq2seq --resume w --epochs 42; s=\$?; [ \$s = 0 ] || [ \$s = 2 ] && echo ended in order"
  done
done
# Calls of the system that fail
if command -v strace > /dev/null && strace -o /dev/null -e trace=fsync true 2> /dev/null; then
  # What a signal interrupts is done again; what fails otherwise is one sentence and status 2, and the training can be
  # gone on with to the bits of one that had no fault.
  "$zoo" train $small --epochs 6 --out whole6 > /dev/null 2>&1
  for call in openat read write fsync flock ftruncate rename renameat; do
    case_ "$call: interrupted" 0 'the same' "rm -rf i; strace -f -o /dev/null -e trace=none -e inject=$call:error=EINTR:when=40+4 \$zoo train \$small --epochs 6 --out i > o 2>&1 || { tail -c 300 o; exit 3; }; cmp i/last.safetensors whole6/last.safetensors && echo the same"
  done
  for call in write fsync rename renameat linkat link flock mkdir; do
    for error in EIO ENOSPC EDQUOT EACCES; do
      for when in 4 9 17; do
        case_ "$call: $error at the ${when}th" 0 'the same' "rm -rf i; strace -f -o /dev/null -e trace=none -e inject=$call:error=$error:when=$when \$zoo train \$small --epochs 6 --out i > o 2>&1; s=\$?; [ \$s = 0 ] || [ \$s = 2 ] || { echo status \$s; tail -c 400 o; exit 3; }; find i -name '*.tmp' | grep . && exit 4; if [ -e i/checkpoint.safetensors ]; then \$zoo train seq2seq --resume i > o 2>&1 || { tail -c 300 o; exit 5; }; cmp i/last.safetensors whole6/last.safetensors || exit 6; fi; echo the same"
      done
    done
  done
else
  echo "calls that fail: skipped, as there is no strace, or it may not trace"
fi
# A full disk, where one can be made.
mkdir small
if mount -t tmpfs -o size=200k tmpfs small 2> /dev/null; then
  mounted=yes
  case_ 'a disk that becomes full' 2 'cannot write .*No space left on device' '$zoo train $small --hidden-size 24 --epochs 100000 --out small/run'
  case_ 'nothing temporary is left on it' 0 '' '! ls -A small/run | grep tmp'
else
  echo "a full disk: skipped, as no file system can be mounted"
fi
printf '%d cases, %d failures\n' "$cases" "$failures"

# Trainings that are killed.
train_killed() {
  [ "$kills" -gt 0 ] || return 0
  local name=$1 killed=0 moment
  shift
  "$zoo" train "$@" --out "$name-whole" > /dev/null 2>&1 || return 1
  while [ "$killed" -lt "$kills" ]; do
    rm -rf "$name-parts"
    "$zoo" train "$@" --out "$name-parts" > /dev/null 2>&1 &
    while [ "$killed" -lt "$kills" ]; do
      moment=$((RANDOM % 900))
      sleep "0.$(printf '%03d' "$moment")"
      kill -KILL $! 2> /dev/null || break
      wait $! 2> /dev/null
      killed=$((killed + 1))
      "$zoo" train "$1" --resume "$name-parts" > /dev/null 2>&1 &
    done
    wait $! 2> /dev/null
    if [ ! -e "$name-parts/config.json" ]; then continue; fi
    "$zoo" train "$1" --resume "$name-parts" > last 2>&1 || { head -5 last; return 1; }
    for file in last best; do
      cmp "$name-whole/$file.safetensors" "$name-parts/$file.safetensors" || return 1
    done
    cmp <(cut -d, -f1-3,5- "$name-whole/log.csv") <(cut -d, -f1-3,5- "$name-parts/log.csv") || return 1
    if find "$name-parts" -name '*.tmp' | grep .; then return 1; fi
  done
  echo "$name: the same bits after $killed kills"
}

export TAPESTRY_THREADS=1
while read -r name options; do
  [[ " ${KINDS:-$name} " == *" $name "* ]] || continue
  # Words of a line are arguments.
  # shellcheck disable=SC2086
  train_killed "$name" $options || {
    echo "FAILED: kills of $name"
    failures=$((failures + 1))
  }
done <<< "$tiny_models"
[ "$failures" = 0 ]
