"""The workloads of `bench` for JAX, jitted, from the tensors that `bench` has written.

Parameters go by our names; matrices lie the other way round, `[in, out]`, as is usual in JAX.
"""
import jax
import jax.numpy as jnp
import numpy as np

VERSION = jax.__version__


def turned(name, tensor):
    """A weight in the other layout: a matrix that is no table of embeddings is transposed."""
    is_table = name in ("source.weight", "target.weight", "words.weight", "positions.weight", "types.weight")
    return tensor.T if tensor.ndim == 2 and not is_table else tensor


def cross_entropy(out, labels):
    return -jnp.take_along_axis(jax.nn.log_softmax(out), labels[..., None], -1).mean()


def linear(p, name, x):
    return x @ p[name + ".weight"] + p[name + ".bias"]


def rnn_step(p, name, h, a):
    h = jnp.tanh(a + h @ p[name + ".weightHidden"] + p[name + ".biasHidden"])
    return h, h


def gru_step(p, name, h, a):
    n = h.shape[1]
    b = h @ p[name + ".weightHidden"] + p[name + ".biasHidden"]
    gates = jax.nn.sigmoid(a[:, : 2 * n] + b[:, : 2 * n])
    r, z = gates[:, :n], gates[:, n:]
    new = jnp.tanh(a[:, 2 * n :] + r * b[:, 2 * n :])
    h = (1 - z) * new + z * h
    return h, h


def lstm_step(p, name, state, a):
    h, c = state
    n = h.shape[1]
    g = a + h @ p[name + ".weightHidden"] + p[name + ".biasHidden"]
    i, f = jax.nn.sigmoid(g[:, :n]), jax.nn.sigmoid(g[:, n : 2 * n])
    c = f * c + i * jnp.tanh(g[:, 2 * n : 3 * n])
    h = jax.nn.sigmoid(g[:, 3 * n :]) * jnp.tanh(c)
    return (h, c), h


STEPS = {"simple_rnn": rnn_step, "rnn_attention": rnn_step, "gru": gru_step, "lstm": lstm_step}


def sequence(p, name, step, x):
    """All states `[batch, time, hidden]`; the inputs' products of all steps are one product."""
    a = x @ p[name + ".weightInput"] + p[name + ".biasInput"]
    zeros = jnp.zeros((x.shape[0], p[name + ".weightHidden"].shape[0]))
    start = (zeros, zeros) if step is lstm_step else zeros
    _, states = jax.lax.scan(lambda h, a: step(p, name, h, a), start, a.swapaxes(0, 1))
    return states.swapaxes(0, 1)


def recurrent(kind):
    def output(p, x, labels):
        return linear(p, "fc", sequence(p, "rnn.layers.0.forward", STEPS[kind], x)[:, -1])

    return output


def rnn_attention(p, x, labels):
    states = sequence(p, "rnn.layers.0.forward", rnn_step, x)
    weights = jax.nn.softmax(jnp.tanh(linear(p, "attention.attention", states)), 1)
    return linear(p, "fc", (weights * states).sum(1))


def decoder(p, source):
    """The encoder's last state, and the decoder's step `(h, embedded) -> (h, logits)`."""
    states = sequence(p, "encoder.layers.0.forward", gru_step, p["source.weight"][source])
    score = "attention.score."
    keys = states @ p[score + "keyWeight"] + p[score + "bias"]

    def step(h, embedded):
        hidden = jnp.tanh((h @ p[score + "queryWeight"])[:, None] + keys)
        weights = jax.nn.softmax(hidden @ p[score + "v"], 1)
        context = (weights[..., None] * states).sum(1)
        a = jnp.concatenate([embedded, context], 1) @ p["cell.weightInput"] + p["cell.biasInput"]
        h, _ = gru_step(p, "cell", h, a)
        return h, linear(p, "output", jnp.concatenate([h, context], 1))

    return states[:, -1], step


def bahdanau(p, source, target):
    h, step = decoder(p, source)
    _, logits = jax.lax.scan(step, h, p["target.weight"][target].swapaxes(0, 1))
    return logits.swapaxes(0, 1)


def greedy(p, source, steps):
    h, step = decoder(p, source)

    def next_symbol(carry, _):
        h, symbol = carry
        h, logits = step(h, p["target.weight"][symbol])
        symbol = logits.argmax(1).astype("int32")
        return (h, symbol), symbol

    start = jnp.ones(source.shape[0], "int32")
    return jax.lax.scan(next_symbol, (h, start), None, length=steps)[1]


def norm(p, name, x, epsilon=1e-5):
    x = x - x.mean(-1, keepdims=True)
    x = x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + epsilon)
    return x * p[name + ".weight"] + p[name + ".bias"]


def encoder_layers(p, x, layers, heads, activation, epsilon=1e-5):
    batch, time, size = x.shape
    for i in range(layers):
        name = f"layers.{i}."

        def project(part, x):
            return x @ p[f"{name}selfAttention.{part}Weight"] + p[f"{name}selfAttention.{part}Bias"]

        def of_heads(part):
            return project(part, x).reshape(batch, time, heads, size // heads)

        context = jax.nn.dot_product_attention(of_heads("query"), of_heads("key"), of_heads("value"))
        x = norm(p, name + "norm1", x + project("output", context.reshape(x.shape)), epsilon)
        inner = activation(linear(p, name + "feedForward.first", x))
        x = norm(p, name + "norm2", x + linear(p, name + "feedForward.second", inner), epsilon)
    return x


def transformer(p, x):
    return encoder_layers(p, x, 3, 4, jax.nn.relu)


def sentence_encoder(p, symbols, target):
    x = p["words.weight"][symbols] + p["types.weight"][0] + p["positions.weight"][: symbols.shape[1]]
    gelu = lambda x: jax.nn.gelu(x, approximate=False)
    x = encoder_layers(p, norm(p, "norm", x, 1e-12), 6, 12, gelu, 1e-12).mean(1)
    return x / jnp.linalg.norm(x, axis=1, keepdims=True)


OUTPUTS = {
    "simple_rnn": recurrent("simple_rnn"),
    "gru": recurrent("gru"),
    "lstm": recurrent("lstm"),
    "rnn_attention": rnn_attention,
    "bahdanau": bahdanau,
    "transformer": transformer,
    "sentence_encoder": sentence_encoder,
}


def sort(x):
    order = jnp.argsort(x, 1)
    return jnp.take_along_axis(x, order, 1), order


def conv(x, weight, bias):
    ones = (1,) * (x.ndim - 2)
    y = jax.lax.conv_general_dilated(x, weight, ones, "SAME")
    return y + bias.reshape(-1, *ones)


def pool(start, join):
    shape = (1, 1, 2, 2)
    return lambda x: jax.lax.reduce_window(x, start, join, shape, shape, "VALID")


WINDOWS = {
    "conv1d": conv,
    "conv2d": conv,
    "max_pool": pool(-jnp.inf, jax.lax.max),
    "average_pool": lambda x: pool(0.0, jax.lax.add)(x) / 4,
}


def windows(name, inputs, results):
    """A convolution or pooling, or the derivatives of the sum of its squares that `results` has."""
    function = WINDOWS[name.removesuffix("_train")]
    if not name.endswith("_train"):
        return (lambda p: function(**p)), [inputs]
    leaves = {n: inputs[n] for n in results if n != "loss"}
    rest = {n: t for n, t in inputs.items() if n not in leaves}
    loss = lambda p, rest: jnp.square(function(**p, **rest)).sum()
    return jax.value_and_grad(loss), [leaves, rest]


FUNCTIONS = {
    "gemm": lambda a, b: a @ b,
    "gemm_nt": lambda a, b: a @ b.T,
    "gemm_tn": lambda a, b: a.T @ b,
    "tanh": jnp.tanh,
    "exp": jnp.exp,
    "softmax": lambda x: jax.nn.softmax(x, 1),
    "add": lambda x: x + x,
    "sort": sort,
    "top": lambda x: jax.lax.top_k(x, 5),
    "transpose": lambda x: x.T,
}


def objective(name):
    def loss(p, *inputs):
        output = OUTPUTS[name](p, *inputs)
        return output.sum() if name == "transformer" else cross_entropy(output, inputs[-1])

    return loss


def sgd(p, g, state):
    return jax.tree.map(lambda p, g: p - 0.01 * g, p, g), state


def adam(decay):
    def step(p, g, state):
        t, m, v = state
        t = t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)

        def change(p, m, v):
            root = jnp.sqrt(v / (1 - 0.999**t)) + 1e-8
            return p * (1 - 1e-3 * decay) - 1e-3 * m / (1 - 0.9**t) / root

        return jax.tree.map(change, p, m, v), (t, m, v)

    return step


RULES = {"sgd": sgd, "adam": adam(0), "adamw": adam(0.01)}


def optimizer(name, weights, gradients):
    """Parameters and state are donated: they are changed in place."""
    step = jax.jit(RULES[name], donate_argnums=(0, 2))
    g = {n: gradients[n.split(".")[-1]] for n in weights}

    def start():
        copies = {n: jnp.array(t) for n, t in weights.items()}
        zeros = [jax.tree.map(jnp.zeros_like, copies) for _ in range(2)]
        return copies, () if name == "sgd" else (jnp.float32(0), *zeros)

    current = list(start())

    def run():
        current[:] = step(current[0], g, current[1])
        return jax.block_until_ready(current)

    def results():
        p, state = start()
        for _ in range(2):
            p, state = step(p, g, state)
        return {n: np.asarray(t) for n, t in p.items()}

    return run, results


def ordered(name, inputs):
    """Inputs in the order in which the function takes them."""
    first = next((k for k in ("source", "symbols") if k in inputs), "x")
    keys = [first, "labels" if first == "x" else "target"]
    return [inputs[k] for k in keys if k in inputs] or [inputs["a"], inputs["b"]]


def make(name, weights, inputs, results, compiled):
    """What to run, and a function that gives its results by our names; None if there is no such."""
    # Jitted, the chain would be one fused loop: nothing to compare. The captioner is PyTorch's.
    if name in ("op_overhead", "captioner"):
        return None
    inputs = {n: jnp.asarray(t) for n, t in inputs.items()}
    if name in RULES:
        return optimizer(name, {n: jnp.asarray(t) for n, t in weights.items()}, inputs)
    p = {n: jnp.asarray(np.ascontiguousarray(turned(n, t))) for n, t in weights.items()}
    is_window = name.removesuffix("_train") in WINDOWS
    arguments = [] if is_window else ordered(name, inputs)
    if is_window:
        function, arguments = windows(name, inputs, results)
    elif name in FUNCTIONS:
        function = FUNCTIONS[name]
    elif name == "bahdanau_greedy":
        steps = len(results["symbols"])
        function, arguments = (lambda p, source: greedy(p, source, steps)), [p] + arguments
    elif name.endswith("_inference"):
        function, arguments = OUTPUTS[name.removesuffix("_inference")], [p] + arguments
    else:
        loss = objective(name.removesuffix("_long"))
        function, arguments = jax.value_and_grad(loss), [p] + arguments
    step = jax.jit(function).lower(*arguments).compile()

    def run():
        return jax.block_until_ready(step(*arguments))

    def found():
        out = run()
        if "loss" not in results:
            # What sorting gives are values and where they were.
            values = out[0] if isinstance(out, (tuple, list)) else out
            return {next(iter(results)): np.asarray(values)}
        gradients = {n: turned(n, np.asarray(g)) for n, g in out[1].items()}
        return {"loss": np.asarray(out[0])} | gradients

    return run, found


def set_up(threads):
    """XLA takes as many threads as the process may use processors; compare.py sees to that."""


def warm_up():
    """Nothing: `make` compiles, and that is what JAX does once."""
