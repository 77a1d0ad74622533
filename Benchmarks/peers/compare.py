#!/usr/bin/env python3
"""Measures `bench` and the peers turn by turn on this machine; writes a table in Markdown.

usage: compare.py [--filter TEXT] [--threads N] [--rounds N] [--seconds S] [--peers LIST]
                  [--json FILE] [--markdown FILE] [--no-memory] [--venv FOLDER]
Build first: swift build -c release --product bench; install the peers: install.sh.

For each workload `bench` writes weights, inputs and results into a file. Each peer loads it and
must come to the same results (loss and every gradient; outputs; products), else the row says so
and the exit status is 1. Then the sides run in turn, `rounds` times, each `seconds` long; a side's
time is the median of its rounds' medians. Each workload has processes of its own. All may use the same N processors and no others.
"""
import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile

import sides
import table

parser = argparse.ArgumentParser(usage=__doc__)
parser.add_argument("--filter", default="")
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--seconds", type=float, default=0.5)
parser.add_argument("--peers", default="torch,torch.compile,jax,onnxruntime")
parser.add_argument("--json")
parser.add_argument("--markdown")
parser.add_argument("--no-memory", action="store_true")
parser.add_argument("--venv", default=str(sides.ROOT / ".build-peers"))
options = parser.parse_args()

# Relative error of the worst tensor, by norm. All compute in 32 bits, in different orders.
TOLERANCE = 1e-3
STARTUP = "startup"


def measure(title, file):
    """One row: every side's median, and how far the results are apart."""
    row = {"title": title, "sides": {}, "rounds": {}, "failures": []}
    present = {}
    for name, peer in peers.items():
        made = peer.ask(ask="make", title=title, file=file)
        versions[name] = made["version"]
        if not made["has"]:
            continue
        if not made["error"] <= TOLERANCE:
            row["failures"].append(f"{sides.NAMES[name]}: {made['where']} differs by {made['error']:.2g}")
        present[name] = peer
        row["sides"][name] = {key: made[key] for key in ("error", "make_seconds", "remark") if key in made}
    row["sides"]["ours"] = {}
    for _ in range(options.rounds):
        for name, side in {"ours": ours, **present}.items():
            answer = side.ask(ask="time", title=title, seconds=options.seconds)
            row["rounds"].setdefault(name, []).append(answer["seconds"])
            if name == "ours":
                count = answer["count"]
                row |= {key: answer[key] / count for key in ("operations", "bytes")}
    for name, times in row["rounds"].items():
        row["sides"][name]["seconds"] = statistics.median(times) / count
    return row


def memory(title, file):
    """Peak resident bytes of a train step, each in a fresh process. `torch.compile` is left out:
    what its compiler takes is most of it; ONNX Runtime does not train."""
    who = {"ours": ours} | {n: p for n, p in peers.items() if n not in ("torch.compile", "onnxruntime")}
    return {name: side.memory(file, title) for name, side in who.items()}


def startup(title, file):
    """Seconds from the start of a process to the end of its first train step."""
    row = {"title": f"{STARTUP} ({title})", "sides": {}, "rounds": {}, "failures": []}
    for name, side in {"ours": ours, **peers}.items():
        if name == "onnxruntime":
            continue
        times = [side.startup(file, title) for _ in range(options.rounds)]
        row["rounds"][name], row["sides"][name] = times, {"seconds": statistics.median(times)}
    return row


def look_at_machine():
    """What the machine can do is the best that was seen: other programs may run meanwhile."""
    for key, value in ours.ask(ask="machine")["machine"].items():
        machine["machine"][key] = max(machine["machine"][key], value)


os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
environment = dict(os.environ)
ours = sides.Ours(options.threads, environment)
ours.restart()
machine = ours.ask(ask="machine")
peers = {
    name: sides.Peer(name, options.venv + "/bin/python", options.threads, environment)
    for name in options.peers.split(",")
}
versions, rows, memories = {}, [], []
titles = [t for t in machine["titles"] if options.filter in t]
with tempfile.TemporaryDirectory() as folder:
    file = folder + "/exchange.safetensors"
    for title in titles:
        for side in (ours, *peers.values()):
            side.restart()
        ours.ask(ask="export", title=title, file=file)
        rows.append(measure(title, file))
        look_at_machine()
        print(table.line(rows[-1], machine, peers), flush=True)
        if not options.no_memory and table.is_train_step(title):
            memories.append({"title": title} | memory(title, file))
    if options.filter in STARTUP:
        ours.ask(ask="export", title="simple_rnn tiny", file=file)
        rows.append(startup("simple_rnn tiny", file))
if not rows:
    sys.exit(f'no workload\'s name contains "{options.filter}"')

text = table.report(machine, versions, options, rows, memories, TOLERANCE)
print("\n" + text)
if options.markdown:
    pathlib.Path(options.markdown).write_text(text)
if options.json:
    content = {"machine": machine, "versions": versions, "rows": rows, "memory": memories}
    pathlib.Path(options.json).write_text(json.dumps(content, indent=1))
sys.exit(any(row["failures"] for row in rows))
