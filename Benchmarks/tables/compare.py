"""Reads tables by Tapestry, pandas and NumPy, turn by turn, and prints rows a second and their ratio.

    swift build -c release --product tables
    .build/datafiles-venv/bin/python Benchmarks/tables/compare.py [ROWS]

Tests/datafiles.sh installs the packages. Each reads the whole file into columns (NumPy: one matrix); the
fastest of five rounds counts. pandas reads with its C engine, as it does unless told.
"""

import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas

root = pathlib.Path(__file__).parents[2]
rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
random = np.random.default_rng(1)
frames = {
    "an integer, three numbers of 4 decimals, a text": pandas.DataFrame({
        "id": np.arange(rows),
        **{name: random.normal(size=rows).round(4) for name in "abc"},
        "class": random.choice(["setosa", "versicolor", "virginica"], rows),
    }),
    "five numbers of 16 or 17 digits": pandas.DataFrame(
        {name: random.normal(size=rows) for name in "abcde"}),
}


def tapestry(path):
    program = root / ".build/release/tables"
    output = subprocess.run([program, path, "1"], check=True, capture_output=True, text=True).stdout
    count, seconds = output.split()
    assert int(count) == rows
    return float(seconds)


def timed(read):
    start = time.perf_counter()
    assert len(read()) == rows
    return time.perf_counter() - start


processor = next(
    line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
print(f"{processor}; {rows} rows; pandas {pandas.__version__}, NumPy {np.__version__}")
with tempfile.TemporaryDirectory() as folder:
    for name, frame in frames.items():
        path = pathlib.Path(folder) / "table.csv"
        frame.to_csv(path, index=False)
        readers = {
            "Tapestry": lambda: tapestry(path),
            "pandas": lambda: timed(lambda: pandas.read_csv(path)),
        }
        if all(kind.kind in "if" for kind in frame.dtypes):
            readers["numpy.loadtxt"] = lambda: timed(
                lambda: np.loadtxt(path, delimiter=",", skiprows=1))
        best = {reader: float("inf") for reader in readers}
        for _ in range(5):
            for reader, read in readers.items():
                best[reader] = min(best[reader], read())
        print(f"\n{name} ({path.stat().st_size / 1e6:.0f} MB)")
        for reader, seconds in best.items():
            print(f"  {reader:20} {rows / seconds / 1e6:6.2f} million rows a second, "
                  f"{seconds / best['Tapestry']:5.2f} times Tapestry's time")
