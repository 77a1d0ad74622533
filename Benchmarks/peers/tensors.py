"""Reads the tensors that `bench` writes, and compares results with them."""
import json

import numpy as np

TYPES = {"F32": "<f4", "I32": "<i4"}


def read(path):
    """The tensors of a safetensors file, by name."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    header.pop("__metadata__", None)
    return {name: array(entry, data) for name, entry in header.items()}


def array(entry, data):
    start, end = entry["data_offsets"]
    return np.frombuffer(data[start:end], TYPES[entry["dtype"]]).reshape(entry["shape"]).copy()


def part(tensors, kind):
    """The tensors named `kind.NAME`, by NAME."""
    return {n[len(kind) + 1 :]: t for n, t in tensors.items() if n.startswith(kind + ".")}


def difference(theirs, ours):
    """How far two sets of results are apart: the largest relative error of a tensor, and its name.

    The error of a tensor is the norm of the difference over the tensor's norm, or over a
    thousandth of the largest norm of all: what is next to nothing may differ by nearly nothing.
    """
    if set(theirs) != set(ours):
        return float("inf"), f"other names: {sorted(set(theirs) ^ set(ours))}"
    norms = {name: np.linalg.norm(t.astype("f8")) for name, t in ours.items()}
    floor = max(norms.values()) * 1e-3 + 1e-30
    worst = 0.0, ""
    for name, tensor in ours.items():
        error = np.linalg.norm(theirs[name].astype("f8").ravel() - tensor.astype("f8").ravel())
        worst = max(worst, (float(error / max(norms[name], floor)), name))
    return worst
