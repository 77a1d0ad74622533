"""The cases in ONNX Runtime, in single precision: the operators RNN, GRU and LSTM with
`sequence_lens`, the operator Attention (opset 23) inside the multi-head layer, and the scores of
the other attentions from elementary operators.
"""
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

# ONNX has the gates of a GRU as z r h, of an LSTM as i o f c.
GATE_ORDER = {"RNN": [0], "GRU": [1, 0, 2], "LSTM": [0, 3, 1, 2]}


class _Graph:
    def __init__(self):
        self.nodes, self.constants, self.inputs = [], [], {}

    def constant(self, array):
        name = f"constant{len(self.constants)}"
        array = np.asarray(array)
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, op, *inputs, outputs=1, **attributes):
        names = [f"value{len(self.nodes)}_{n}" for n in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, **attributes))
        return names if outputs > 1 else names[0]

    def run(self, inputs, outputs):
        values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in outputs]
        given = [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, a.shape) for n, a in inputs.items()
        ]
        graph = helper.make_graph(self.nodes, "case", given, values, self.constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=11)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return session.run(outputs, {n: a.astype(np.float32) for n, a in inputs.items()})


def _recurrent(case):
    attributes, p = case.attributes, case.parameters
    graph = _Graph()
    hidden, layers = attributes["hidden_size"], attributes["num_layers"]
    both = attributes["bidirectional"]
    directions = 2 if both else 1
    shape = case.inputs[0].shape
    batch, time = shape[:2] if attributes["batch_first"] else shape[1::-1]
    lengths = np.array(attributes["lengths"] or [time] * batch, np.int32)
    states = 2 if case.op == "LSTM" else 1

    def blocks(name, suffix):
        rows = np.split(p[name + suffix], len(GATE_ORDER[case.op]))
        return np.concatenate([rows[n] for n in GATE_ORDER[case.op]])

    x = "input"
    if attributes["batch_first"]:
        x = graph.add("Transpose", x, perm=[1, 0, 2])
    finals = []
    for layer in range(layers):
        suffixes = [f"_l{layer}", f"_l{layer}_reverse"][:directions]
        w, r = (
            graph.constant(np.stack([blocks(n, s) for s in suffixes]))
            for n in ("weight_ih", "weight_hh")
        )
        b = ""
        if attributes["bias"]:
            b = graph.constant(np.stack([
                np.concatenate([blocks("bias_ih", s), blocks("bias_hh", s)]) for s in suffixes]))
        part = slice(layer * directions, (layer + 1) * directions)
        start = [
            graph.constant(case.inputs[n + 1][part]) if n + 1 in case.inputs else ""
            for n in range(states)
        ]
        options = {"hidden_size": hidden, "direction": "bidirectional" if both else "forward"}
        if case.op == "RNN":
            name = {"tanh": "Tanh", "relu": "Relu"}[attributes["nonlinearity"]]
            options["activations"] = [name] * directions
        if case.op == "GRU":
            options["linear_before_reset"] = 1
        results = graph.add(
            case.op, x, w, r, b, graph.constant(lengths), *start, outputs=1 + states, **options)
        finals.append(results[1:])
        # [time, directions, batch, hidden] to [time, batch, directions * hidden]
        x = graph.add("Transpose", results[0], perm=[0, 2, 1, 3])
        x = graph.add("Reshape", x, graph.constant(np.array([0, 0, -1], np.int64)))
    if attributes["batch_first"]:
        x = graph.add("Transpose", x, perm=[1, 0, 2])
    stacked = [
        graph.add("Concat", *(f[n] for f in finals), axis=0) for n in range(states)
    ]
    return graph.run({"input": case.inputs[0]}, [x] + stacked)


def _linear(graph, x, weight, bias=None):
    y = graph.add("MatMul", x, graph.constant(weight.T))
    return y if bias is None else graph.add("Add", y, graph.constant(bias))


def _multihead(case):
    p, graph = case.parameters, _Graph()
    size, heads = case.attributes["embed_dim"], case.attributes["num_heads"]
    weights = (
        np.split(p["in_proj_weight"], 3)
        if "in_proj_weight" in p
        else [p[f"{n}_proj_weight"] for n in "qkv"]
    )
    biases = np.split(p["in_proj_bias"], 3) if "in_proj_bias" in p else [None] * 3
    q, k, v = (
        _linear(graph, name, weight, bias)
        for name, weight, bias in zip(["query", "key", "value"], weights, biases)
    )
    mask = graph.constant(
        np.broadcast_to(
            case.inputs[3][:, None, None, :],
            (case.inputs[0].shape[0], 1, case.inputs[0].shape[1], case.inputs[1].shape[1])))
    context, _, _, alphas = graph.add(
        "Attention", q, k, v, mask, outputs=4, q_num_heads=heads, kv_num_heads=heads,
        qk_matmul_output_mode=3)
    output = _linear(graph, context, p["out_proj.weight"], p.get("out_proj.bias"))
    names = {"query": 0, "key": 1, "value": 2}
    return graph.run({n: case.inputs[i] for n, i in names.items()}, [output, alphas])


def _scored(case):
    p, graph = case.parameters, _Graph()
    kind = case.op.removesuffix("Attention")
    size = case.attributes["query_size"]
    if kind in ("Additive", "Concat"):
        left, right = (
            (p["query_weight"], p["key_weight"])
            if kind == "Additive"
            else (p["weight"][:, :size], p["weight"][:, size:])
        )
        q = graph.add(
            "Unsqueeze", _linear(graph, "query", left), graph.constant(np.array([2], np.int64)))
        k = graph.add(
            "Unsqueeze", _linear(graph, "key", right, p["bias"]),
            graph.constant(np.array([1], np.int64)))
        inner = graph.add("Tanh", graph.add("Add", q, k))
        scores = graph.add("MatMul", inner, graph.constant(p["v"]))
    else:
        q = "query"
        if kind == "General":
            q = graph.add("MatMul", q, graph.constant(p["weight"]))
        scores = graph.add("MatMul", q, graph.add("Transpose", "key", perm=[0, 2, 1]))
        if kind == "ScaledDot":
            scores = graph.add("Div", scores, graph.constant(np.float32(np.sqrt(size))))
    masked = graph.add(
        "Where", graph.constant(case.inputs[3][:, None, :]), scores,
        graph.constant(np.float32(-np.inf)))
    alphas = graph.add("Softmax", masked, axis=-1)
    context = graph.add("MatMul", alphas, "value")
    names = {"query": 0, "key": 1, "value": 2}
    return graph.run({n: case.inputs[i] for n, i in names.items()}, [context, alphas])


def run(case):
    """The outputs alone: ONNX Runtime's package computes no gradients."""
    if case.op == "MultiheadAttention":
        outputs = _multihead(case)
    elif case.op.endswith("Attention"):
        outputs = _scored(case)
    else:
        outputs = _recurrent(case)
    return {f"output.{n}": o for n, o in enumerate(outputs)}
