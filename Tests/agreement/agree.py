#!/usr/bin/env python3
"""Whether Tapestry agrees with JAX and ONNX Runtime on random recurrent networks and attentions.

usage: agree.py [--count N] [--seed N] [--conformance PROGRAM] [--folder FOLDER]

Draws configurations of RNN, GRU, LSTM and attention (dot, scaled dot, general, additive, concat,
multi-head), most with sequence lengths; computes each in JAX (double precision, with gradients) and
in ONNX Runtime (single precision, values); writes both as conformance cases; and has the program
`conformance` compare Tapestry's results with them. Exit status 0 if everything agrees.

Bounds: JAX 1e-9 + 1e-9 |theirs|, the corpus' own; ONNX Runtime 1e-5 + 1e-4 |theirs|, the corpus' own
for single precision (sums of some dozen rounded terms over up to nine steps and three layers).
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
venv = root / ".build-agreement"
if pathlib.Path(sys.prefix).resolve() != venv.resolve() and (venv / "bin/python").exists():
    os.execv(venv / "bin/python", [str(venv / "bin/python"), *sys.argv])

import jax_reference
import onnx_reference
from cases import draw, write

parser = argparse.ArgumentParser(description="See the file's first lines.")
parser.add_argument("--count", type=int, default=100)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--conformance", help="a built `conformance`; else `swift run` builds it")
parser.add_argument("--folder", default=str(venv / "cases"))
options = parser.parse_args()

folder = pathlib.Path(options.folder)
shutil.rmtree(folder, ignore_errors=True)
for number in range(options.count):
    seed = options.seed + number
    case = draw(seed)
    name = f"modules/{case.op}/{number:03d}.safetensors"
    write(folder / "jax" / name, case, jax_reference.run(case, seed), "float64", "JAX")
    write(
        folder / "onnxruntime" / name, case, onnx_reference.run(case), "float32", "ONNX Runtime",
        tolerance=[1e-5, 1e-4])

program = [options.conformance] if options.conformance else [
    "swift", "run", "-c", "release", "--package-path", str(root), "conformance"]
status = 0
for reference, scalar in (("jax", "double"), ("onnxruntime", "float")):
    print(f"{reference}: {options.count} configurations from seed {options.seed}", flush=True)
    command = [*program, str(folder / reference), "--scalar", scalar]
    status |= subprocess.run(command).returncode
sys.exit(status)
