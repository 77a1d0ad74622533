#!/usr/bin/env python3
"""The workloads of `bench` for PyTorch and JAX: one train step (forward + backward) each, float32.

usage: peers.py torch|jax [--threads N] [--filter TEXT] [--seconds S]
Prints one JSON object a line: system, version, workload, size, threads, median_seconds.
"""
import argparse
import json
import os
import time

parser = argparse.ArgumentParser()
parser.add_argument("system", choices=["torch", "jax"])
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--filter", default="")
parser.add_argument("--seconds", type=float, default=1.0)
options = parser.parse_args()

if options.threads == 1:
    os.environ["XLA_FLAGS"] = (
        "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    )

# batch, time, input, hidden
RECURRENT = {
    "tiny": (8, 16, 8, 16),
    "small": (32, 32, 16, 64),
    "medium": (64, 100, 128, 256),
    "large": (64, 64, 512, 1024),
}
# batch, source, target, embedding, hidden
BAHDANAU = {
    "small": (32, 9, 8, 64, 128),
    "medium": (64, 12, 12, 128, 256),
    "large": (64, 30, 30, 256, 512),
}
PRODUCTS = [(1024, 1024, 1024), (64, 256, 256), (64, 256, 768), (32, 64, 192), (1, 512, 512)]


def median(work):
    work()
    work()
    times = []
    start = time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < options.seconds:
        before = time.perf_counter()
        work()
        times.append(time.perf_counter() - before)
    times.sort()
    return times[len(times) // 2]


def report(workload, size, make, count=1):
    if options.filter not in f"{workload} {size}":
        return
    seconds = median(make()) / count
    print(
        json.dumps(
            {
                "system": options.system,
                "version": VERSION,
                "workload": workload,
                "size": size,
                "threads": options.threads,
                "median_seconds": seconds,
            }
        ),
        flush=True,
    )


def product_size(m, k, n):
    return "1024" if m == 1024 else f"{m}x{k}x{n}"


def run_torch():
    import torch
    from torch import nn

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    global VERSION
    VERSION = torch.__version__

    class Recurrent(nn.Module):
        def __init__(self, kind, i, h):
            super().__init__()
            self.rnn = getattr(nn, kind)(i, h, batch_first=True)
            self.fc = nn.Linear(h, 10)

        def forward(self, x):
            return self.fc(self.rnn(x)[0][:, -1])

    class AttentionRNN(nn.Module):
        def __init__(self, i, h):
            super().__init__()
            self.rnn = nn.RNN(i, h, batch_first=True)
            self.attention = nn.Linear(h, h)
            self.fc = nn.Linear(h, 10)

        def forward(self, x):
            states = self.rnn(x)[0]
            weights = torch.softmax(torch.tanh(self.attention(states)), 1)
            return self.fc((weights * states).sum(1))

    class Bahdanau(nn.Module):
        def __init__(self, e, h):
            super().__init__()
            self.source, self.target = nn.Embedding(30, e), nn.Embedding(44, e)
            self.encoder = nn.GRU(e, h, batch_first=True)
            self.query = nn.Linear(h, h, bias=False)
            self.key, self.v = nn.Linear(h, h), nn.Linear(h, 1, bias=False)
            self.cell, self.out = nn.GRUCell(e + h, h), nn.Linear(2 * h, 44)

        def forward(self, source, target):
            states, h = self.encoder(self.source(source))
            h, keys, inputs, outputs = h[0], self.key(states), self.target(target), []
            for t in range(target.shape[1]):
                scores = self.v(torch.tanh(self.query(h)[:, None] + keys))
                context = (torch.softmax(scores, 1) * states).sum(1)
                h = self.cell(torch.cat([inputs[:, t], context], 1), h)
                outputs.append(self.out(torch.cat([h, context], 1)))
            return torch.stack(outputs, 1)

    loss = nn.CrossEntropyLoss()

    def train(model, *inputs, labels):
        def step():
            model.zero_grad(set_to_none=True)
            out = model(*inputs)
            loss(out.reshape(-1, out.shape[-1]), labels.reshape(-1)).backward()

        return step

    def chain():
        a = torch.ones(4, requires_grad=True)

        def step():
            z = a
            for _ in range(1000):
                z = z * a + a
            z.sum().backward()
            a.grad = None

        return step

    report("op_overhead", "4", chain, 2000)
    for m, k, n in PRODUCTS:

        def product():
            a, b = torch.randn(m, k), torch.randn(k, n)
            return lambda: a @ b

        report("gemm", product_size(m, k, n), product)
    x = torch.rand(4096, 4096) * 6 - 3
    report("tanh", "16M", lambda: lambda: torch.tanh(x))
    report("exp", "16M", lambda: lambda: torch.exp(x))
    report("softmax", "16M", lambda: lambda: torch.softmax(x, 1))
    report("add", "16M", lambda: lambda: x + x)
    for size, (b, t, i, h) in RECURRENT.items():
        inputs, labels = torch.randn(b, t, i), torch.arange(b) % 10
        kinds = {"simple_rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
        for name, kind in kinds.items():
            report(name, size, lambda: train(Recurrent(kind, i, h), inputs, labels=labels))
        report("rnn_attention", size, lambda: train(AttentionRNN(i, h), inputs, labels=labels))
    for size, (b, s, t, e, h) in BAHDANAU.items():
        source, target = torch.arange(b * s) * 7 % 30, torch.arange(b * t) * 7 % 44
        source, target = source.reshape(b, s), target.reshape(b, t)
        report("bahdanau", size, lambda: train(Bahdanau(e, h), source, target, labels=target))


def run_jax():
    import jax
    import jax.numpy as jnp
    import numpy as np

    global VERSION
    VERSION = jax.__version__
    random = np.random.default_rng(0)

    def init(*shape):
        return jnp.asarray(random.standard_normal(shape).astype("f") * 0.05)

    def loss(out, labels):
        return -jnp.take_along_axis(jax.nn.log_softmax(out), labels[..., None], -1).mean()

    def scan(step, state, inputs):
        _, outputs = jax.lax.scan(step, state, inputs.swapaxes(0, 1))
        return outputs.swapaxes(0, 1)

    def rnn(p, x):
        def step(h, a):
            h = jnp.tanh(a + h @ p["u"])
            return h, h

        return scan(step, jnp.zeros((x.shape[0], p["u"].shape[0])), x @ p["w"] + p["b"])

    def gru_step(h, a, u, n):
        b = h @ u
        r, z = jax.nn.sigmoid(a[:, :n] + b[:, :n]), jax.nn.sigmoid(a[:, n : 2 * n] + b[:, n : 2 * n])
        new = jnp.tanh(a[:, 2 * n :] + r * b[:, 2 * n :])
        return (1 - z) * new + z * h

    def gru(p, x):
        n = p["u"].shape[0]

        def step(h, a):
            h = gru_step(h, a, p["u"], n)
            return h, h

        return scan(step, jnp.zeros((x.shape[0], n)), x @ p["w"] + p["b"])

    def lstm(p, x):
        n = p["u"].shape[0]

        def step(state, a):
            h, c = state
            g = a + h @ p["u"]
            i, f = jax.nn.sigmoid(g[:, :n]), jax.nn.sigmoid(g[:, n : 2 * n])
            c = f * c + i * jnp.tanh(g[:, 2 * n : 3 * n])
            h = jax.nn.sigmoid(g[:, 3 * n :]) * jnp.tanh(c)
            return (h, c), h

        zeros = jnp.zeros((x.shape[0], n))
        return scan(step, (zeros, zeros), x @ p["w"] + p["b"])

    def last(network):
        return lambda p, x, y: loss(network(p, x)[:, -1] @ p["o"] + p["c"], y)

    def attention(p, x, y):
        states = rnn(p, x)
        weights = jax.nn.softmax(jnp.tanh(states @ p["a"] + p["d"]), 1)
        return loss((weights * states).sum(1) @ p["o"] + p["c"], y)

    def bahdanau(p, source, target):
        n = p["encoder"]["u"].shape[0]
        states = gru(p["encoder"], p["source"][source])
        keys = states @ p["key"] + p["kb"]

        def step(h, e):
            scores = jnp.tanh((h @ p["query"])[:, None] + keys) @ p["v"]
            context = (jax.nn.softmax(scores, 1) * states).sum(1)
            a = jnp.concatenate([e, context], 1) @ p["decoder"]["w"] + p["decoder"]["b"]
            h = gru_step(h, a, p["decoder"]["u"], n)
            return h, jnp.concatenate([h, context], 1) @ p["o"]

        return loss(scan(step, states[:, -1], p["target"][target]), target)

    def train(function, *arguments):
        step = jax.jit(jax.value_and_grad(function))
        return lambda: jax.block_until_ready(step(*arguments))

    for m, k, n in PRODUCTS:

        def product():
            a, b = init(m, k), init(k, n)
            multiply = jax.jit(lambda a, b: a @ b)
            return lambda: multiply(a, b).block_until_ready()

        report("gemm", product_size(m, k, n), product)
    x = jnp.asarray(random.uniform(-3, 3, (4096, 4096)).astype("f"))
    for name, function in {
        "tanh": jnp.tanh,
        "exp": jnp.exp,
        "softmax": lambda a: jax.nn.softmax(a, 1),
        "add": lambda a: a + a,
    }.items():
        compiled = jax.jit(function)
        report(name, "16M", lambda: lambda: compiled(x).block_until_ready())
    for size, (b, t, i, h) in RECURRENT.items():
        inputs, labels = init(b, t, i), jnp.arange(b) % 10
        for name, network, gates in (
            ("simple_rnn", rnn, 1),
            ("gru", gru, 3),
            ("lstm", lstm, 4),
        ):
            p = dict(w=init(i, gates * h), u=init(h, gates * h), b=init(gates * h), o=init(h, 10), c=init(10))
            report(name, size, lambda: train(last(network), p, inputs, labels))
        p = dict(w=init(i, h), u=init(h, h), b=init(h), o=init(h, 10), c=init(10), a=init(h, h), d=init(h))
        report("rnn_attention", size, lambda: train(attention, p, inputs, labels))
    for size, (b, s, t, e, h) in BAHDANAU.items():
        source = (jnp.arange(b * s) * 7 % 30).reshape(b, s)
        target = (jnp.arange(b * t) * 7 % 44).reshape(b, t)
        p = dict(
            source=init(30, e), target=init(44, e), key=init(h, h), kb=init(h), query=init(h, h),
            v=init(h, 1), o=init(2 * h, 44),
            encoder=dict(w=init(e, 3 * h), u=init(h, 3 * h), b=init(3 * h)),
            decoder=dict(w=init(e + h, 3 * h), u=init(h, 3 * h), b=init(3 * h)),
        )
        report("bahdanau", size, lambda: train(bahdanau, p, source, target))


run_torch() if options.system == "torch" else run_jax()
