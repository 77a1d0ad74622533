"""How much longer a call takes from Python than the same call in Swift.

    swift build -c release --product tapestry && swift build -c release --product python-cases
    python3 Benchmarks/python_calls.py

The model is a small attention-rnn (5 inputs, 16 states), its input one sequence of ten steps; what is
measured is all that Python does around the computation: ctypes, checks, and copies into NumPy's arrays. Swift
and Python take turns, on one thread each.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
os.environ["TAPESTRY_THREADS"] = "1"
sys.path.insert(0, str(ROOT / "Python"))

import numpy as np

import tapestry

CASES = ROOT / ".build" / "release" / "python-cases"


def nanoseconds(function, calls=200, rounds=51):
    """The median of rounds of calls, each by itself."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter_ns()
        for _ in range(calls):
            function()
        times.append((time.perf_counter_ns() - start) / calls)
    return statistics.median(times)


start = time.perf_counter()
library = tapestry.Library()
loaded = time.perf_counter() - start

with tempfile.TemporaryDirectory() as folder:
    subprocess.run([CASES, folder], check=True)
    path = f"{folder}/attention-rnn/model"
    start = time.perf_counter()
    model = library.load(path)
    opened = time.perf_counter() - start
    x = np.random.default_rng(1).standard_normal((1, 10, 5), dtype=np.float32)
    labels = np.zeros(1, np.int32)
    swift, python, training = [], [], []
    model.set_optimizer("adam")
    for _ in range(5):
        swift.append(int(subprocess.run([CASES, "--time", path], check=True, capture_output=True).stdout))
        python.append(nanoseconds(lambda: model(x)))
        training.append(nanoseconds(lambda: model.train(x, labels), rounds=11))

swift, python, training = map(statistics.median, (swift, python, training))
print(f"library loaded in {loaded * 1000:.1f} ms, model opened in {opened * 1000:.1f} ms")
print(f"a call: Swift {swift / 1000:.1f} us, Python {python / 1000:.1f} us, {(python - swift) / 1000:.1f} us more")
print(f"a step of training from Python: {training / 1000:.1f} us")
