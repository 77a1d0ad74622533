"""Values and gradients of layers that PyTorch has no module for, by its autograd in double precision.

    python3 Tests/Gold/generate.py        # writes the *.safetensors beside this file

Each layer is written here from its paper's formulas, independently of the library. The files have
the layout of Tests/Conformance: input, output, cotangent, gradient, parameter, parameter_gradient.
"""

import json
import math
import pathlib
import struct

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).parent


def write(name, tensors, attributes):
    """A safetensors file."""
    header = {"__metadata__": {"case": json.dumps(
        {"op": name, "attributes": attributes, "torch": torch.__version__})}}
    data = b""
    for key in sorted(tensors):
        tensor = tensors[key].detach().contiguous()
        kind = {torch.float64: "F64", torch.bool: "BOOL"}[tensor.dtype]
        part = tensor.numpy().tobytes()
        header[key] = {
            "dtype": kind, "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (HERE / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


def case(name, inputs, parameters, function, constants=(), **attributes):
    """Runs a layer and differentiates the sum of its outputs times random numbers.

    constants: inputs that are not differentiated, numbered behind the others.
    """
    for tensor in [*inputs, *parameters.values()]:
        tensor.requires_grad_()
    outputs = function(*inputs, *constants, **parameters)
    cotangents = [torch.randn_like(output) for output in outputs]
    sum((o * c).sum() for o, c in zip(outputs, cotangents)).backward()
    tensors = {}
    for i, (tensor, cotangent) in enumerate(zip(outputs, cotangents)):
        tensors[f"output.{i}"], tensors[f"cotangent.{i}"] = tensor, cotangent
    for i, tensor in enumerate(inputs):
        tensors[f"input.{i}"], tensors[f"gradient.{i}"] = tensor, tensor.grad
    for i, tensor in enumerate(constants):
        tensors[f"input.{len(inputs) + i}"] = tensor
    for key, tensor in parameters.items():
        key = key.replace("__", ".")
        tensors[f"parameter.{key}"], tensors[f"parameter_gradient.{key}"] = tensor, tensor.grad
    write(name, tensors, attributes)


def masked_softmax(scores, mask):
    return scores.masked_fill(~mask, -torch.inf).softmax(-1)


def prefix_mask(lengths, count):
    return torch.arange(count)[None, :] < torch.tensor(lengths)[:, None]


# Attention: queries [2, 4, 3], keys [2, 6, 5], values [2, 6, 2], mask [2, 6].


def attention_inputs():
    return [torch.randn(2, 4, 3), torch.randn(2, 6, 5), torch.randn(2, 6, 2)]


ADDITIVE = {
    "additive__query_weight": (7, 3), "additive__key_weight": (7, 5), "additive__bias": (7,),
    "additive__v": (7,)}


def randoms(shapes):
    return {name: torch.randn(*shape) for name, shape in shapes.items()}


def stepwise(queries, keys, values, mask, p, term):
    """term(previous, total): what is added under the tanh, [batch, keys, hidden]."""
    previous = total = torch.zeros(keys.shape[:2])
    contexts, weights = [], []
    for t in range(queries.shape[1]):
        inner = (
            (queries[:, t] @ p["additive__query_weight"].T)[:, None]
            + keys @ p["additive__key_weight"].T + p["additive__bias"] + term(previous, total))
        a = masked_softmax(torch.tanh(inner) @ p["additive__v"], mask)
        contexts.append((a[:, None] @ values)[:, 0])
        weights.append(a)
        previous, total = a, total + a
    return torch.stack(contexts, 1), torch.stack(weights, 1)


def location(queries, keys, values, mask, **p):
    def term(previous, total):
        f = F.conv1d(previous[:, None], p["filters"], padding="same")  # [batch, filters, keys]
        return f.transpose(1, 2) @ p["feature_weight"].T
    return stepwise(queries, keys, values, mask, p, term)


def coverage(queries, keys, values, mask, **p):
    return stepwise(
        queries, keys, values, mask, p, lambda _, total: total[..., None] * p["coverage_weight"])


def local(queries, keys, values, mask, reach, step, **p):
    scores = queries @ p["attention__score__weight"] @ keys.transpose(1, 2)
    places = torch.arange(keys.shape[1], dtype=torch.float64)
    if "predictor__weight" in p:
        lengths = mask.sum(1)[:, None]
        centers = lengths * torch.sigmoid(
            torch.tanh(queries @ p["predictor__weight"].T) @ p["predictor__v"])
    else:
        centers = (step + torch.arange(queries.shape[1], dtype=torch.float64)).expand(
            queries.shape[:2])
    distances = places - centers[..., None]
    a = masked_softmax(scores, mask[:, None] & (distances.detach().abs() <= reach))
    if "predictor__weight" in p:
        a = a * torch.exp(-distances**2 / (2 * (reach / 2) ** 2))
    return a @ values, a


# Cells: inputs [2, 5, 3], states [2, 4].


def layer_norm_lstm(x, h, c, **p):
    outputs = []
    for t in range(x.shape[1]):
        gates = (
            F.layer_norm(x[:, t] @ p["weight_input"].T, (16,), p["norm_input__weight"])
            + F.layer_norm(h @ p["weight_hidden"].T, (16,), p["norm_hidden__weight"]) + p["bias"])
        i, f, g, o = gates.chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(
            F.layer_norm(c, (4,), p["norm_cell__weight"], p["norm_cell__bias"]))
        outputs.append(h)
    return torch.stack(outputs, 1), c


def gru_reset_before(x, h, **p):
    """Cho et al., 2014, equations 5 to 8 (with z as the share of the old state)."""
    outputs = []
    wr, wz, wn = p["weight_input"].chunk(3)
    ur, uz, un = p["weight_hidden"].chunk(3)
    b = (p["bias_input"] + p["bias_hidden"]).chunk(3)
    for t in range(x.shape[1]):
        r = torch.sigmoid(x[:, t] @ wr.T + h @ ur.T + b[0])
        z = torch.sigmoid(x[:, t] @ wz.T + h @ uz.T + b[1])
        n = torch.tanh(x[:, t] @ wn.T + (r * h) @ un.T + b[2])
        h = (1 - z) * n + z * h
        outputs.append(h)
    return torch.stack(outputs, 1), h


def masked_cell(kind, x, h, c, mask, p):
    """A cell of PyTorch's formulas whose output enters the products under a mask."""
    a = x @ p["weight_input"].T + p["bias_input"]
    b = (h * mask) @ p["weight_hidden"].T + p["bias_hidden"]
    if kind == "rnn":
        return torch.tanh(a + b), c
    if kind == "gru":
        (ar, az, an), (br, bz, bn) = a.chunk(3, 1), b.chunk(3, 1)
        r, z = torch.sigmoid(ar + br), torch.sigmoid(az + bz)
        n = torch.tanh(an + r * bn)
        return (1 - z) * n + z * h, c
    i, f, g, o = (a + b).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def zoneout_lstm(x, h, c, **p):
    """The expectation that evaluation uses, with rates 0.1 of the output and 0.4 of the cell."""
    p = {key.removeprefix("cell__"): value for key, value in p.items()}
    outputs = []
    for t in range(x.shape[1]):
        new, cell = masked_cell("lstm", x[:, t], h, c, 1, p)
        h, c = 0.1 * h + 0.9 * new, 0.4 * c + 0.6 * cell
        outputs.append(h)
    return torch.stack(outputs, 1), c


def cell_parameters(gates, prefix=""):
    n = gates * 4
    shapes = {
        "weight_input": (n, 3), "weight_hidden": (n, 4), "bias_input": (n,), "bias_hidden": (n,)}
    return randoms({prefix + name: shape for name, shape in shapes.items()})


# Positions.


def angles(time, size, start=0):
    positions = torch.arange(start, start + time)[:, None]
    return positions * torch.exp(-math.log(10000) * torch.arange(0, size, 2) / size)


def rotary_neighbours(x, start=0):
    turns = torch.polar(torch.ones(()), angles(x.shape[-2], x.shape[-1], start))
    pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * turns).flatten(-2)


def rotary_halves(x, start=0):
    theta = angles(x.shape[-2], x.shape[-1], start).repeat(1, 2)
    a, b = x.chunk(2, -1)
    return x * theta.cos() + torch.cat([-b, a], -1) * theta.sin()


def rotary_attention(x, **p):
    """Causal, two heads of 4 features."""
    def heads(x, name):
        return F.linear(x, p[f"{name}_weight"], p[f"{name}_bias"]).unflatten(-1, (2, 4)).transpose(1, 2)
    context = F.scaled_dot_product_attention(
        rotary_neighbours(heads(x, "query")), rotary_neighbours(heads(x, "key")),
        heads(x, "value"), is_causal=True)
    return [F.linear(context.transpose(1, 2).flatten(2), p["output_weight"], p["output_bias"])]


def main():
    torch.manual_seed(1)
    mask = prefix_mask([6, 4], 6)
    case(
        "LocationAttention", attention_inputs(),
        randoms(ADDITIVE | {"filters": (3, 1, 5), "feature_weight": (7, 3)}), location, [mask])
    case(
        "CoverageAttention", attention_inputs(), randoms(ADDITIVE | {"coverage_weight": (7,)}),
        coverage, [mask])
    weights = torch.randn(2, 4, 6).softmax(-1)
    before = lambda a: torch.cat([torch.zeros(2, 1, 6), a.cumsum(1)[:, :-1]], 1)
    case("CoverageLoss", [weights], {}, lambda a: [torch.minimum(a, before(a)).sum(2)])
    general = {"attention__score__weight": (3, 5)}
    case(
        "LocalMonotonic", attention_inputs(), randoms(general),
        lambda *inputs, **p: local(*inputs, reach=1, step=1, **p),
        [prefix_mask([6, 5], 6)], reach=1, step=1)
    case(
        "LocalPredictive", attention_inputs(),
        randoms(general | {"predictor__weight": (4, 3), "predictor__v": (4,)}),
        lambda *inputs, **p: local(*inputs, reach=2, step=0, **p), [mask], reach=2, step=0)
    lstm = {
        "weight_input": (16, 3), "weight_hidden": (16, 4), "bias": (16,),
        "norm_input__weight": (16,), "norm_hidden__weight": (16,), "norm_cell__weight": (4,),
        "norm_cell__bias": (4,)}
    sequence = lambda states: [torch.randn(2, 5, 3)] + [torch.randn(2, 4) for _ in range(states)]
    case("LayerNormLSTM", sequence(2), randoms(lstm), layer_norm_lstm)
    case("GRUResetBefore", sequence(1), cell_parameters(3), gru_reset_before)
    case("ZoneoutLSTM", sequence(2), cell_parameters(4, "cell__"), zoneout_lstm)
    for kind, gates in [("rnn", 1), ("gru", 3), ("lstm", 4)]:
        def step(x, h, c, m, **p):
            return masked_cell(kind, x, h, c, m, p)[:2 if kind == "lstm" else 1]
        inputs = [torch.randn(2, 3), torch.randn(2, 4), torch.randn(2, 4), torch.randn(2, 4)]
        if kind != "lstm":
            inputs[2] = torch.zeros(2, 4)
        x, h, c, m = inputs
        parameters = cell_parameters(gates)
        if kind == "lstm":
            case(f"Masked{kind.upper()}", inputs, parameters, step)
        else:
            case(
                f"Masked{kind.upper()}", [x, h, m], parameters,
                lambda x, h, m, **p: step(x, h, c, m, **p))
    case(
        "RotaryNeighbours", [torch.randn(2, 3, 5, 8)], {}, lambda x: [rotary_neighbours(x, 7)])
    case("RotaryHalves", [torch.randn(2, 3, 5, 8)], {}, lambda x: [rotary_halves(x, 7)])
    theta = angles(50, 6)
    waves = torch.stack([theta.sin(), theta.cos()], 2).flatten(1)
    case("SinusoidalPositions", [torch.randn(2, 4, 6)], {}, lambda x: [x + waves[30:34]])
    shapes = {f"{part}_{kind}": (8, 8) if kind == "weight" else (8,)
              for part in ["query", "key", "value", "output"] for kind in ["weight", "bias"]}
    case("RotaryAttention", [torch.randn(2, 5, 8)], randoms(shapes), rotary_attention)
    # An embedding whose rows are the output's, too.
    symbols = torch.tensor([[0, 3, 1], [2, 2, 4]])
    case(
        "TiedEmbedding", [torch.randn(4, 4)], {"embedding__weight": torch.randn(5, 4)},
        lambda inner, embedding__weight: [
            torch.tanh(embedding__weight[symbols] @ inner) @ embedding__weight.T])


main()
