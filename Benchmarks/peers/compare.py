#!/usr/bin/env python3
"""Runs `bench` and the peers turn by turn on this machine and prints a table of ratios.

usage: compare.py [--threads N] [--filter TEXT] [--seconds S] [--venv FOLDER] [--json FILE]
Build first: swift build -c release --product bench; install the peers: install.sh.
Each workload runs on all systems one after the other, so that what else the machine does meets
all alike. The ratio is the fastest peer's time over ours: above 1 we are faster.
"""
import argparse
import json
import math
import os
import pathlib
import subprocess
import tempfile

root = pathlib.Path(__file__).resolve().parents[2]
parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--filter", default="")
parser.add_argument("--seconds", type=float, default=1.0)
parser.add_argument("--venv", default=str(root / ".build-peers"))
parser.add_argument("--json")
options = parser.parse_args()

MODELS = ["simple_rnn", "rnn_attention", "gru", "lstm"]
WORK = [(m, s) for s in ("tiny", "small", "medium", "large") for m in MODELS]
WORK += [("bahdanau", s) for s in ("small", "medium", "large")]
WORK += [("op_overhead", "4")]
WORK += [("gemm", s) for s in ("1024", "64x256x256", "64x256x768", "32x64x192", "1x512x512")]
WORK += [(f, "16M") for f in ("tanh", "exp", "softmax", "add")]
shared = ["--threads", str(options.threads), "--seconds", str(options.seconds)]


def ours(name):
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [str(root / ".build/release/bench"), "--filter", name, "--json", file.name]
        subprocess.run(command + shared, check=True, stdout=subprocess.DEVNULL)
        return json.load(open(file.name))


def peer(system, name):
    command = [f"{options.venv}/bin/python", str(root / "Benchmarks/peers/peers.py"), system]
    result = subprocess.run(
        command + ["--filter", name] + shared, check=True, capture_output=True, text=True
    )
    return [json.loads(line) for line in result.stdout.splitlines()]


def time(seconds):
    for unit, scale in (("ns", 1e9), ("us", 1e6), ("ms", 1e3)):
        if seconds * scale < 1000:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds:.3g} s"


rows, versions, logs = [], {}, []
for workload, size in WORK:
    name = f"{workload} {size}"
    if options.filter not in name:
        continue
    mine = next(r for r in ours(name) if r["workload"] == workload and r["size"] == size)
    peers = {}
    for system in ("torch", "jax"):
        for result in peer(system, name):
            if result["workload"] == workload and result["size"] == size:
                peers[system] = result["median_seconds"]
                versions[system] = result["version"]
    fastest = min(peers.values())
    ratio = fastest / mine["median_seconds"]
    if workload in MODELS + ["bahdanau"]:
        logs.append(math.log(ratio))
    cells = [name, time(mine["median_seconds"])]
    cells += [time(peers[s]) if s in peers else "" for s in ("torch", "jax")]
    rows.append(cells + [f"{ratio:.2f}"])
    print("| " + " | ".join(rows[-1]) + " |", flush=True)
    if options.json:
        json.dump(rows, open(options.json, "w"), indent=1)

cpu = next(l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name"))
print(f"\n{cpu}, {options.threads} threads; PyTorch {versions.get('torch')}, JAX {versions.get('jax')}")
if logs:
    print(f"geometric mean of the {len(logs)} model rows: {math.exp(sum(logs) / len(logs)):.2f}")
