"""The cases in JAX, in double precision: plain functions of the formulas, `lax.scan` over time.

What lies beyond a sequence's end is told from what counts by comparing positions with lengths, so
neither packing nor reversal of parts is shared with the library that is checked.
"""
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


def _step(op, attributes, x, state, weights):
    w_ih, w_hh, b_ih, b_hh = weights
    a, b = x @ w_ih.T + b_ih, state[0] @ w_hh.T + b_hh
    if op == "RNN":
        function = jnp.tanh if attributes["nonlinearity"] == "tanh" else jax.nn.relu
        return (function(a + b),)
    if op == "GRU":
        (ar, az, an), (br, bz, bn) = jnp.split(a, 3, 1), jnp.split(b, 3, 1)
        r, z = jax.nn.sigmoid(ar + br), jax.nn.sigmoid(az + bz)
        n = jnp.tanh(an + r * bn)
        return ((1 - z) * n + z * state[0],)
    i, f, g, o = jnp.split(a + b, 4, 1)
    c = jax.nn.sigmoid(f) * state[1] + jax.nn.sigmoid(i) * jnp.tanh(g)
    return (jax.nn.sigmoid(o) * jnp.tanh(c), c)


def _direction(op, attributes, x, state, weights, lengths, is_reverse):
    """x [time, batch, in]; outputs [time, batch, hidden] and the state at each sequence's end."""

    def step(state, item):
        t, x = item
        active = (t < lengths)[:, None]
        new = _step(op, attributes, x, state, weights)
        new = tuple(jnp.where(active, n, s) for n, s in zip(new, state))
        return new, jnp.where(active, new[0], 0)

    times = jnp.arange(x.shape[0])
    state, outputs = jax.lax.scan(step, state, (times, x), reverse=is_reverse)
    return outputs, state


def _recurrent(case, inputs, parameters):
    attributes = case.attributes
    x = inputs[0]
    if attributes["batch_first"]:
        x = jnp.swapaxes(x, 0, 1)
    time, batch, _ = x.shape
    hidden, layers = attributes["hidden_size"], attributes["num_layers"]
    directions = 2 if attributes["bidirectional"] else 1
    lengths = jnp.array(attributes["lengths"] or [time] * batch)
    count = 2 if case.op == "LSTM" else 1
    zeros = jnp.zeros((layers * directions, batch, hidden))
    start = [inputs.get(n + 1, zeros) for n in range(count)]
    finals = []
    for layer in range(layers):
        outputs = []
        for direction in range(directions):
            suffix = f"_l{layer}" + ("_reverse" if direction else "")
            weights = [
                parameters.get(f"{n}{suffix}", 0.0)
                for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            ]
            state = tuple(s[layer * directions + direction] for s in start)
            output, state = _direction(
                case.op, attributes, x, state, weights, lengths, direction == 1)
            outputs.append(output)
            finals.append(state)
        x = jnp.concatenate(outputs, 2)
    if attributes["batch_first"]:
        x = jnp.swapaxes(x, 0, 1)
    return [x] + [jnp.stack([f[n] for f in finals]) for n in range(count)]


def _softmax(scores, mask):
    scores = jnp.where(mask, scores, -jnp.inf)
    return jax.nn.softmax(scores, -1)


def _multihead(case, inputs, parameters):
    query, key, value = (inputs[n] for n in range(3))
    size, heads = case.attributes["embed_dim"], case.attributes["num_heads"]
    if "in_proj_weight" in parameters:
        weights = jnp.split(parameters["in_proj_weight"], 3)
    else:
        weights = [parameters[f"{n}_proj_weight"] for n in "qkv"]
    biases = jnp.split(parameters.get("in_proj_bias", jnp.zeros(3 * size)), 3)

    def heads_of(x, weight, bias):
        y = x @ weight.T + bias
        return y.reshape(*y.shape[:2], heads, size // heads)

    q, k, v = (heads_of(*a) for a in zip((query, key, value), weights, biases))
    scores = jnp.einsum("nqhe,nkhe->nhqk", q, k) / np.sqrt(size // heads)
    alphas = _softmax(scores, case.inputs[3][:, None, None, :])
    context = jnp.einsum("nhqk,nkhe->nqhe", alphas, v).reshape(*query.shape)
    output = context @ parameters["out_proj.weight"].T + parameters.get("out_proj.bias", 0.0)
    return [output, alphas]


def _scored(case, inputs, parameters):
    q, k, values = (inputs[n] for n in range(3))
    p = parameters
    kind = case.op.removesuffix("Attention")
    if kind in ("Dot", "ScaledDot"):
        scores = jnp.einsum("nqd,nkd->nqk", q, k)
        if kind == "ScaledDot":
            scores = scores / np.sqrt(q.shape[2])
    elif kind == "General":
        scores = jnp.einsum("nqd,de,nke->nqk", q, p["weight"], k)
    else:
        if kind == "Additive":
            left, right = p["query_weight"], p["key_weight"]
        else:
            left, right = p["weight"][:, : q.shape[2]], p["weight"][:, q.shape[2] :]
        inner = (q @ left.T)[:, :, None] + (k @ right.T)[:, None] + p["bias"]
        scores = jnp.tanh(inner) @ p["v"]
    alphas = _softmax(scores, case.inputs[3][:, None, :])
    return [alphas @ values, alphas]


def run(case, seed):
    """Outputs, cotangents drawn from the seed, and the gradients that belong to them."""
    function = _recurrent
    if case.op == "MultiheadAttention":
        function = _multihead
    elif case.op.endswith("Attention"):
        function = _scored
    inputs = {n: jnp.array(a) for n, a in case.inputs.items() if a.dtype != bool}
    parameters = {n: jnp.array(a) for n, a in case.parameters.items()}
    outputs, pull = jax.vjp(lambda i, p: function(case, i, p), inputs, parameters)
    generator = np.random.default_rng([seed, 1])
    cotangents = [jnp.array(generator.uniform(-1, 1, o.shape)) for o in outputs]
    input_gradients, parameter_gradients = pull(cotangents)
    tensors = {f"output.{n}": np.array(o) for n, o in enumerate(outputs)}
    tensors |= {f"cotangent.{n}": np.array(c) for n, c in enumerate(cotangents)}
    tensors |= {f"gradient.{n}": np.array(g) for n, g in input_gradients.items()}
    tensors |= {f"parameter_gradient.{n}": np.array(g) for n, g in parameter_gradients.items()}
    return tensors
