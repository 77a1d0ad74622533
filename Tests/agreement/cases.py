"""Random configurations of recurrent networks and attention, and the files that hold them.

A case is drawn from its seed alone. Its numbers are rounded to single precision, so that a library
that computes in single precision and one that computes in double start from the same ones.
"""
import json
import struct
from dataclasses import dataclass, field

import numpy as np

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
SCORES = ["Dot", "ScaledDot", "General", "Additive", "Concat"]


@dataclass
class Case:
    op: str
    attributes: dict
    roles: list  # of the inputs, absent ones too
    inputs: dict  # number: array
    parameters: dict  # name: array
    outputs: list = field(default_factory=list)  # their roles


def _numbers(generator, *shape):
    return generator.uniform(-1, 1, shape).astype(np.float32).astype(np.float64)


def _lengths(generator, batch, time):
    """None, or a length of each sequence from 1 on; the longest may be below `time`."""
    if generator.random() < 0.25:
        return None
    return [int(n) for n in generator.integers(1, time + 1, batch)]


def draw(seed):
    """The configuration of a seed: RNN, GRU, LSTM and attention in turn."""
    generator = np.random.default_rng(seed)
    kind = ["RNN", "GRU", "LSTM", "attention"][seed % 4]
    return _attention(generator) if kind == "attention" else _recurrent(generator, kind)


def _recurrent(generator, op):
    batch, time, size, hidden, layers = (
        int(generator.integers(1, limit + 1)) for limit in (5, 9, 7, 8, 3)
    )
    both, bias, batch_first, has_state = (bool(generator.random() < 0.5) for _ in range(4))
    directions = 2 if both else 1
    attributes = {
        "input_size": size, "hidden_size": hidden, "num_layers": layers, "bias": bias,
        "batch_first": batch_first, "dropout": 0.0, "bidirectional": both,
        "lengths": _lengths(generator, batch, time),
    }
    if op == "RNN":
        attributes["nonlinearity"] = str(generator.choice(["tanh", "relu"]))
    if op == "LSTM":
        attributes["proj_size"] = 0
    states = ["h", "c"] if op == "LSTM" else ["h"]
    shape = (batch, time, size) if batch_first else (time, batch, size)
    inputs = {0: _numbers(generator, *shape)}
    if has_state:
        for number in range(len(states)):
            inputs[number + 1] = _numbers(generator, layers * directions, batch, hidden)
    parameters = {}
    for layer in range(layers):
        for suffix in [f"_l{layer}", f"_l{layer}_reverse"][:directions]:
            width = size if layer == 0 else directions * hidden
            rows = GATES[op] * hidden
            # About the scale at which networks start: sums stay of size 1.
            scale = 1 / np.sqrt(hidden)
            parameters[f"weight_ih{suffix}"] = _numbers(generator, rows, width) * scale
            parameters[f"weight_hh{suffix}"] = _numbers(generator, rows, hidden) * scale
            if bias:
                parameters[f"bias_ih{suffix}"] = _numbers(generator, rows) * scale
                parameters[f"bias_hh{suffix}"] = _numbers(generator, rows) * scale
    parameters = {k: v.astype(np.float32).astype(np.float64) for k, v in parameters.items()}
    return Case(
        op, attributes, ["input"] + [f"{s}0" for s in states], inputs, parameters,
        ["output"] + [f"{s}_n" for s in states])


def _attention(generator):
    batch, queries, keys = (int(generator.integers(1, limit + 1)) for limit in (4, 5, 9))
    lengths = _lengths(generator, batch, keys) or [keys] * batch
    mask = np.arange(keys)[None, :] < np.array(lengths)[:, None]
    kind = str(generator.choice(["Multihead"] + SCORES))
    if kind == "Multihead":
        heads = int(generator.integers(1, 4))
        size = heads * int(generator.integers(1, 5))
        key_size, value_size = (int(n) for n in generator.integers(1, 8, 2))
        bias = bool(generator.random() < 0.5)
        attributes = {
            "embed_dim": size, "num_heads": heads, "dropout": 0.0, "bias": bias,
            "add_bias_kv": False, "add_zero_attn": False, "kdim": key_size, "vdim": value_size,
            "batch_first": True, "need_weights": True, "average_attn_weights": False,
        }
        parameters = {
            "q_proj_weight": _numbers(generator, size, size),
            "k_proj_weight": _numbers(generator, size, key_size),
            "v_proj_weight": _numbers(generator, size, value_size),
            "out_proj.weight": _numbers(generator, size, size),
        }
        if key_size == size and value_size == size:
            parts = [parameters.pop(f"{n}_proj_weight") for n in "qkv"]
            parameters["in_proj_weight"] = np.concatenate(parts)
        if bias:
            parameters["in_proj_bias"] = _numbers(generator, 3 * size)
            parameters["out_proj.bias"] = _numbers(generator, size)
        roles = ["query", "key", "value", "key_mask", "attention_mask"]
        op, query_size, outputs = "MultiheadAttention", size, ["output", "weights"]
    else:
        query_size, value_size, hidden = (int(n) for n in generator.integers(1, 8, 3))
        key_size = query_size if "Dot" in kind else int(generator.integers(1, 8))
        attributes = {
            "query_size": query_size, "key_size": key_size, "value_size": value_size}
        parameters = {}
        if kind == "General":
            parameters["weight"] = _numbers(generator, query_size, key_size)
        if kind in ("Additive", "Concat"):
            attributes["hidden_size"] = hidden
            parameters["bias"] = _numbers(generator, hidden)
            parameters["v"] = _numbers(generator, hidden)
        if kind == "Additive":
            parameters["query_weight"] = _numbers(generator, hidden, query_size)
            parameters["key_weight"] = _numbers(generator, hidden, key_size)
        if kind == "Concat":
            parameters["weight"] = _numbers(generator, hidden, query_size + key_size)
        roles = ["query", "keys", "values", "key_mask"]
        op, outputs = f"{kind}Attention", ["context", "weights"]
    inputs = {
        0: _numbers(generator, batch, queries, query_size),
        1: _numbers(generator, batch, keys, key_size),
        2: _numbers(generator, batch, keys, value_size),
        3: mask,
    }
    return Case(op, attributes, roles, inputs, parameters, outputs)


def write(path, case, tensors, dtype, source, tolerance=None):
    """A file in the format of the conformance cases: the case's tensors and the given further ones."""
    description = {
        "op": case.op, "attributes": case.attributes, "inputs": case.roles,
        "outputs": case.outputs, "source": source,
    }
    if tolerance:
        description["tolerance"] = tolerance
    everything = {f"input.{n}": a for n, a in case.inputs.items()}
    everything |= {f"parameter.{n}": a for n, a in case.parameters.items()}
    everything |= tensors
    names = {"bool": "BOOL", "float32": "F32", "float64": "F64"}
    header = {"__metadata__": {"case": json.dumps(description)}}
    body = b""
    for name, array in sorted(everything.items()):
        array = np.ascontiguousarray(array)
        if array.dtype != bool:
            array = array.astype(dtype)
        data = array.tobytes()
        header[name] = {
            "dtype": names[str(array.dtype)], "shape": list(array.shape),
            "data_offsets": [len(body), len(body) + len(data)],
        }
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
