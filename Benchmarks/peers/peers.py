#!/usr/bin/env python3
"""The workloads of `bench` for PyTorch, JAX or ONNX Runtime, from files that `bench` has written.

usage: peers.py SYSTEM --serve             answers the requests of compare.py, a line of JSON each
       peers.py SYSTEM --memory FILE TITLE peak resident bytes, in this fresh process
       peers.py SYSTEM --once FILE TITLE   runs once: time this process for the start-up time
SYSTEM is torch, torch.compile, jax or onnxruntime. TITLE is as in `bench`, "gru tiny".
"""
import argparse
import importlib
import json
import sys
import time

parser = argparse.ArgumentParser(usage=__doc__)
parser.add_argument("system", choices=["torch", "torch.compile", "jax", "onnxruntime"])
parser.add_argument("--serve", action="store_true")
parser.add_argument("--memory", nargs=2)
parser.add_argument("--once", nargs=2)
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()

import tensors

MODULES = {"jax": "jax_workloads", "onnxruntime": "onnx_workloads"}
system = importlib.import_module(MODULES.get(options.system, "torch_workloads"))
system.set_up(options.threads)


def make(file, title):
    """What to run, its results, and those that it should have; None if there is no such workload."""
    content = tensors.read(file)
    expected = tensors.part(content, "result")
    made = system.make(
        title.split()[0], tensors.part(content, "weight"), tensors.part(content, "input"), expected,
        options.system == "torch.compile",
    )
    return made and (*made, expected)


def median(work, seconds):
    """As `Stopwatch` of the Swift side: at least five runs, after two that do not count."""
    work()
    work()
    times = []
    start = time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        work()
        times.append(time.perf_counter() - before)
    times.sort()
    return times[len(times) // 2]


def resident(name):
    line = next(l for l in open("/proc/self/status") if l.startswith(name))
    return int(line.split()[1]) * 1024


def serve():
    run = None
    for line in sys.stdin:
        request = json.loads(line)
        answer = {"version": system.VERSION}
        if request["ask"] == "make":
            start = time.perf_counter()
            run = made = make(request["file"], request["title"])
            if made:
                run, results, expected = made
                error, where = tensors.difference(results(), expected)
                answer |= {"error": error, "where": where}
                if options.system == "torch.compile":
                    answer["remark"] = system.remark()
            answer |= {"has": made is not None, "make_seconds": time.perf_counter() - start}
        else:
            answer["seconds"] = median(run, request["seconds"])
        print(json.dumps(answer), flush=True)


def peak(file, title):
    """How much more is resident at most during three runs than before, when weights and inputs
    are there; in PyTorch a small train step has been run, in JAX the work is compiled."""
    system.warm_up()
    run, *_ = make(file, title)
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
    before = resident("VmRSS")
    for _ in range(3):
        run()
    return resident("VmHWM") - before


if options.serve:
    serve()
elif options.memory:
    print(peak(*options.memory))
elif options.once:
    make(*options.once)[0]()
