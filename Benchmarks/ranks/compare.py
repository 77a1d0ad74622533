"""What several ranks cost, beside PyTorch's DistributedDataParallel with Gloo on the same work.

    swift build -c release --product ranks
    python3 Benchmarks/ranks/compare.py [--rounds N]

Sums over two ranks, and steps of a training of 64 sequences: of one process with one and with two threads, and of two
ranks with one thread and half of the sequences each, which send gradients over MPI or Gloo. Turn by turn; the median of
the rounds' medians counts. At the end, what model.py says of two ranks, of a step and a sum as they were measured. Needs
PyTorch, which Benchmarks/peers/install.sh installs in .build-peers, and a launcher of Open MPI or MPICH.
"""

import argparse
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import time

import model as paper

root = pathlib.Path(__file__).parents[2]
program = root / ".build/release/ranks"
python = root / ".build-peers/bin/python"
batch, length, classes, steps = 64, 32, 10, 25
weights = {"lstm": 396_810, "transformer": 1_582_090}
sizes = [1_000, 100_000, 1_000_000, 4_000_000]


def lines(text):
    return {name: float(seconds) for name, seconds in (line.split() for line in text.splitlines() if line)}


def run(command, **variables):
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", **variables}
    return lines(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)


# PyTorch's side: this file, started once a rank.


def network(name):
    import torch
    from torch import nn

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            if name == "lstm":
                self.body = nn.LSTM(128, 256, batch_first=True)
            else:
                layer = nn.TransformerEncoderLayer(256, 4, 1024, dropout=0, batch_first=True)
                self.body = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
            self.output = nn.Linear(256, classes)

        def forward(self, x):
            y = self.body(x)
            return self.output((y[0] if name == "lstm" else y).mean(1))

    torch.manual_seed(1)
    return Network()


def torch_rank(what, name, rank, size, threads, port):
    import torch
    import torch.distributed as distributed

    torch.set_num_threads(threads)
    if size > 1:
        distributed.init_process_group(
            "gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=size)
    if what == "reduce":
        for count in sizes:
            times = []
            for _ in range(max(10, min(200, 20_000_000 // count))):
                tensor = torch.ones(count)
                distributed.barrier()
                start = time.perf_counter()
                distributed.all_reduce(tensor)
                times.append(time.perf_counter() - start)
            if rank == 0:
                print(f"reduce-float-{count}", statistics.median(times))
    else:
        model = network(name)
        wrapped = torch.nn.parallel.DistributedDataParallel(model) if size > 1 else model
        share = batch // size
        x = torch.rand(share, length, 128 if name == "lstm" else 256) * 2 - 1
        labels = torch.arange(share) % classes
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
        times = []
        for _ in range(steps):
            start = time.perf_counter()
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(wrapped(x), labels).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
            optimizer.step()
            times.append(time.perf_counter() - start)
        if rank == 0:
            print(f"train-{name}-full", statistics.median(times[5:]))
    if size > 1:
        distributed.destroy_process_group()


def torch_side(what, name, size, threads):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ranks = [
        subprocess.Popen(
            [sys.executable, __file__, "--rank", what, name, str(rank), str(size), str(threads), str(port)],
            stdout=subprocess.PIPE, text=True)
        for rank in range(size)
    ]
    texts = [rank.communicate()[0] for rank in ranks]
    assert all(rank.returncode == 0 for rank in ranks)
    return lines(texts[0])


alone = "Tapestry, a half, 1 thread, twice"


def twice(model):
    """The slower of two processes with half of the sequences each, beside each other, who know nothing of one another."""
    command = [program, "train", model, str(batch // 2)]
    environment = {**os.environ, "TAPESTRY_THREADS": "1"}
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(2)]
    found = [lines(one.communicate()[0]) for one in both]
    assert all(one.returncode == 0 for one in both)
    return {name: max(one[name] for one in found) for name in found[0]}


def sides():
    launchers = [name for name in ("openmpi", "mpich") if shutil.which(f"mpirun.{name}")]
    for name in launchers:
        yield f"2 ranks, {name}", "reduce", lambda _, name=name: run([f"mpirun.{name}", "-n", "2", program, "reduce"])
    yield "2 ranks, Gloo", "reduce", lambda _: torch_side("reduce", "-", 2, 1)
    for threads in (1, 2):
        yield (
            f"Tapestry, {threads} thread{'s' * (threads > 1)}", "train",
            lambda model, threads=threads: run([program, "train", model, str(batch)], TAPESTRY_THREADS=str(threads)))
        yield (
            f"PyTorch, {threads} thread{'s' * (threads > 1)}", "train",
            lambda model, threads=threads: torch_side("train", model, 1, threads))
    for name in launchers:
        yield (
            f"Tapestry, 2 ranks, {name}", "train",
            lambda model, name=name: run(
                [f"mpirun.{name}", "-n", "2", program, "train", model, str(batch)], TAPESTRY_THREADS="1"))
    # What two ranks do, without sums. Two processors are not twice one: they share memory, cache and clock.
    yield alone, "train", twice
    yield "PyTorch, 2 ranks, Gloo", "train", lambda model: torch_side("train", model, 2, 1)


def main():
    if pathlib.Path(sys.prefix).resolve() != python.parents[1].resolve() and python.exists():
        os.execv(python, [python, *sys.argv])
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=3)
    rounds = arguments.parse_args().rounds
    found = {}
    for _ in range(rounds):
        for side, what, measure in sides():
            for model in ("lstm", "transformer") if what == "train" else ("-",):
                for name, seconds in measure(model).items():
                    found.setdefault(name, {}).setdefault(side, []).append(seconds)
    processor = next(
        line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    print(f"{processor}; {rounds} rounds; milliseconds, the median, and the fastest and slowest round")
    for name, results in found.items():
        print(name)
        for side, times in results.items():
            print(f"  {side:33} {1e3 * statistics.median(times):9.3f}  {1e3 * min(times):9.3f} {1e3 * max(times):9.3f}")
    on_paper(found)


def on_paper(found):
    """Compares what model.py says of two ranks with what they took: a network of this machine's memory, with half of the
    sequences on each, as two processes take that do not wait for one another, and no overlap, as the ranks' own processors do
    the copying."""
    for name in (key for key in found if key.startswith("train-") and key.endswith("-full")):
        for side, times in found[name].items():
            if "2 ranks" not in side or not side.startswith("Tapestry"):
                continue
            launcher = side.replace("Tapestry, ", "")

            def sum_of(count, launcher=launcher):
                return statistics.median(found[f"reduce-float-{count}"][launcher])

            # Of seconds = latency + bytes / bandwidth, from a small sum and a large one.
            latency = sum_of(1_000) / 4
            bandwidth = 4 * 1_000_000 / (sum_of(1_000_000) - sum_of(1_000))
            step = statistics.median(found[name][alone])
            said = paper.step(weights[name.split("-")[1]], step, 2, (bandwidth, latency, 0), overlaps=False)
            print(f"{name}, {side}: on paper {1e3 * said:.1f} ms, measured {1e3 * statistics.median(times):.1f}")


if sys.argv[1:2] == ["--rank"]:
    what, name, *numbers = sys.argv[2:]
    torch_rank(what, name, *map(int, numbers))
else:
    main()
