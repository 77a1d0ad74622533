#!/usr/bin/env bash
# Installs the library for Python as a user does, and compares what Python gets with what Swift has
# written: Tests/python.sh
#
# Says that it is skipped where there is no Python with NumPy ($PYTHON, or python3). `python-cases`
# writes the cases, Tests/python/test_tapestry.py compares them, and the notebook runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python3}
if ! "$python" -c 'import numpy, sys; assert sys.version_info >= (3, 9)' 2> /dev/null; then
  echo "Skipped: $python is no Python (3.9 or newer) with NumPy; PYTHON=... names another one"
  exit 0
fi
swift build -c release --product tapestry
swift build -c release --product python-cases
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
library=.build/release/libtapestry.so
[ -e "$library" ] || library=.build/release/libtapestry.dylib

# Nothing but C functions is to be seen, and nothing but the C and C++ libraries needed.
if [ "$(uname)" = Linux ]; then
  exported=$(nm -D --defined-only "$library" | awk '{ print $3 }' | sort)
  declared=$(grep -oE '\btapestry_[a-z_]+\(' Python/tapestry.h | tr -d '(' | sort -u)
  if [ "$exported" != "$declared" ]; then
    diff <(echo "$declared") <(echo "$exported") || true
    echo "The header (<) and the library (>) do not agree" >&2
    exit 1
  fi
  needed=$(readelf -d "$library" | sed -nE 's/.*NEEDED.*\[(.*)\]/\1/p' | sort | tr '\n' ' ')
  case "$needed" in *swift* | *Foundation* | *dispatch*)
    echo "The library needs $needed" >&2
    exit 1 ;;
  esac
  echo "$(stat -c %s "$library") bytes; needs $needed"
fi

export PYTHONDONTWRITEBYTECODE=1
if "$python" -m pip --version > /dev/null 2>&1; then
  # Without a package index: the build needs nothing, and NumPy is there.
  "$python" -m pip install --quiet --root-user-action ignore --no-index --no-deps \
    --target "$work/site" ./Python
  export PYTHONPATH="$work/site"
else
  echo "Not installed: $python has no pip; the module is read where it stands"
  export PYTHONPATH="$PWD/Python"
fi
mkdir "$work/cases"
.build/release/python-cases "$work/cases"
"$python" Tests/python/test_tapestry.py "$work/cases"
(cd "$work" && "$python" "$OLDPWD/Python/notebook.py")

# A program in C, where the toolchain's compiler is.
clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
if [ ! -x "$clang" ]; then
  echo "No C program: there is no clang beside swift"
  exit 0
fi
cat > "$work/caller.c" << 'END'
#include <stddef.h>
#include <stdio.h>
#include "tapestry.h"

_Static_assert(sizeof(tapestry_tensor) == 32, "as Swift lays it out");
_Static_assert(offsetof(tapestry_tensor, shape) == 16, "as Swift lays it out");

int main(int count, char **arguments) {
  if (count != 2) return 9;
  char sentence[200];
  if (tapestry_open("/none", NULL, TAPESTRY_FLOAT32) != 0) return 1;
  tapestry_error(sentence, sizeof sentence);
  int64_t model = tapestry_open(arguments[1], NULL, TAPESTRY_FLOAT32);
  if (model == 0) return 2;
  float x[2 * 3 * 5] = {1, 2, 3};
  int64_t shape[] = {2, 3, 5};
  tapestry_tensor input = {"x", TAPESTRY_FLOAT32, 3, shape, x};
  const tapestry_tensor *outputs;
  int32_t made;
  int64_t result = tapestry_call(model, NULL, &input, 1, &outputs, &made);
  if (result == 0 || made != 2) return 3;
  const float *weights = outputs[1].data;
  printf("%s; %s of %lld rows, %.3f in all\n", sentence, outputs[1].name,
    (long long)outputs[1].shape[0], weights[0] + weights[1] + weights[2]);
  return tapestry_release(result) != 0 || tapestry_close(model) != 0 || tapestry_close(model) != -1;
}
END
"$clang" -std=c11 -Wall -Wextra -Werror -IPython "$work/caller.c" -o "$work/caller" "$library" \
  -Wl,-rpath,"$(cd "$(dirname "$library")" && pwd)"
said=$("$work/caller" "$work/cases/attention-rnn/model")
echo "C: $said"
[ "$said" = "cannot open '/none': No such file or directory; weights of 2 rows, 1.000 in all" ]
