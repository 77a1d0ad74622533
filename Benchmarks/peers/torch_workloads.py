"""The workloads of `bench` for PyTorch, from the tensors that `bench` has written."""
import torch
from torch import nn

VERSION = torch.__version__
GATES = {"weightInput": "weight_ih", "weightHidden": "weight_hh", "biasInput": "bias_ih", "biasHidden": "bias_hh"}


def recurrent(module, name, suffix=""):
    """Our names of a recurrent module's parameters."""
    return {f"{name}.{ours}": getattr(module, theirs + suffix) for ours, theirs in GATES.items()}


def linear(module, name):
    return {f"{name}.{n}": p for n, p in module.named_parameters()}


class Recurrent(nn.Module):
    def __init__(self, kind, w):
        super().__init__()
        hidden, inputs = w["rnn.layers.0.forward.weightHidden"].shape[1], w["rnn.layers.0.forward.weightInput"].shape[1]
        self.rnn = getattr(nn, kind)(inputs, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 10)

    def names(self):
        return recurrent(self.rnn, "rnn.layers.0.forward", "_l0") | linear(self.fc, "fc")

    def forward(self, x):
        return self.fc(self.rnn(x)[0][:, -1])


class AttentionRNN(Recurrent):
    def __init__(self, w):
        super().__init__("RNN", w)
        hidden = self.rnn.hidden_size
        self.attention = nn.Linear(hidden, hidden)

    def names(self):
        return super().names() | linear(self.attention, "attention.attention")

    def forward(self, x):
        states = self.rnn(x)[0]
        weights = torch.softmax(torch.tanh(self.attention(states)), 1)
        return self.fc((weights * states).sum(1))


class Bahdanau(nn.Module):
    def __init__(self, w):
        super().__init__()
        (symbols, e), targets = w["source.weight"].shape, w["target.weight"].shape[0]
        h = w["attention.score.v"].shape[0]
        self.source, self.target = nn.Embedding(symbols, e), nn.Embedding(targets, e)
        self.encoder = nn.GRU(e, h, batch_first=True)
        self.query = nn.Linear(h, h, bias=False)
        self.key, self.v = nn.Linear(h, h), nn.Linear(h, 1, bias=False)
        self.cell, self.out = nn.GRUCell(e + h, h), nn.Linear(2 * h, targets)

    def names(self):
        score = "attention.score."
        return (
            recurrent(self.encoder, "encoder.layers.0.forward", "_l0")
            | recurrent(self.cell, "cell")
            | linear(self.source, "source")
            | linear(self.target, "target")
            | linear(self.out, "output")
            | {score + "queryWeight": self.query.weight, score + "keyWeight": self.key.weight}
            | {score + "bias": self.key.bias, score + "v": self.v.weight}
        )

    def step(self, embedded, h, keys, states):
        scores = self.v(torch.tanh(self.query(h)[:, None] + keys))
        context = (torch.softmax(scores, 1) * states).sum(1)
        h = self.cell(torch.cat([embedded, context], 1), h)
        return h, self.out(torch.cat([h, context], 1))

    def forward(self, source, target):
        states, h = self.encoder(self.source(source))
        h, keys, inputs, outputs = h[0], self.key(states), self.target(target), []
        for t in range(target.shape[1]):
            h, output = self.step(inputs[:, t], h, keys, states)
            outputs.append(output)
        return torch.stack(outputs, 1)

    def greedy(self, source, steps):
        states, h = self.encoder(self.source(source))
        h, keys, symbols = h[0], self.key(states), [torch.ones(len(source), dtype=torch.long)]
        for _ in range(steps):
            h, output = self.step(self.target(symbols[-1]), h, keys, states)
            symbols.append(output.argmax(1))
        return torch.stack(symbols[1:])


def encoder_names(layers):
    """Our names of the parameters of `nn.TransformerEncoderLayer`s."""
    names = {}
    for i, layer in enumerate(layers):
        attention, size = layer.self_attn, layer.self_attn.embed_dim
        for j, part in enumerate(("query", "key", "value")):
            rows = slice(j * size, (j + 1) * size)
            names[f"layers.{i}.selfAttention.{part}Weight"] = attention.in_proj_weight, rows
            names[f"layers.{i}.selfAttention.{part}Bias"] = attention.in_proj_bias, rows
        names[f"layers.{i}.selfAttention.outputWeight"] = attention.out_proj.weight
        names[f"layers.{i}.selfAttention.outputBias"] = attention.out_proj.bias
        names |= linear(layer.linear1, f"layers.{i}.feedForward.first")
        names |= linear(layer.linear2, f"layers.{i}.feedForward.second")
        names |= linear(layer.norm1, f"layers.{i}.norm1") | linear(layer.norm2, f"layers.{i}.norm2")
    return names


class Transformer(nn.Module):
    def __init__(self, w):
        super().__init__()
        layer = nn.TransformerEncoderLayer(256, 4, 1024, 0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 3)

    def names(self):
        return encoder_names(self.encoder.layers)

    def forward(self, x):
        return self.encoder(x)


class SentenceEncoder(nn.Module):
    """BERT's layout, the mean of the states, brought to length 1."""

    def __init__(self, w):
        super().__init__()
        inner, size = w["layers.0.feedForward.first.weight"].shape
        self.words, self.positions, self.types = (
            nn.Embedding(*w[name + ".weight"].shape) for name in ("words", "positions", "types")
        )
        self.norm = nn.LayerNorm(size, eps=1e-12)
        layer = nn.TransformerEncoderLayer(
            size, 12, inner, 0.0, activation="gelu", layer_norm_eps=1e-12, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 6)

    def names(self):
        names = encoder_names(self.encoder.layers)
        for part in ("words", "positions", "types", "norm"):
            names |= linear(getattr(self, part), part)
        return names

    def forward(self, symbols):
        x = self.words(symbols) + self.types.weight[0] + self.positions.weight[: symbols.shape[1]]
        return nn.functional.normalize(self.encoder(self.norm(x)).mean(1), dim=1)


class Captioner(nn.Module):
    """Show, Attend and Tell, as `Sources/Zoo/ShowAttendTell` has it, in training."""

    STAGES = ((32,), (64,), (96, 96))

    def __init__(self, w):
        super().__init__()
        inputs, self.stages = 3, nn.ModuleList()
        for stage in self.STAGES:
            blocks = nn.ModuleList()
            for outputs in stage:
                blocks.append(nn.ModuleDict({
                    "convolution": nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
                    "norm": nn.BatchNorm2d(outputs),
                }))
                inputs = outputs
            self.stages.append(blocks)
        (words, e), (a, h) = w["embedding.weight"].shape, w["attention.score.queryWeight"].shape
        self.initialHidden, self.initialCell = nn.Linear(inputs, h), nn.Linear(inputs, h)
        self.query = nn.Linear(h, a, bias=False)
        self.key, self.v = nn.Linear(inputs, a), nn.Linear(a, 1, bias=False)
        self.gate, self.embedding = nn.Linear(h, 1), nn.Embedding(words, e)
        self.decoder = nn.LSTMCell(e + inputs, h)
        self.outputHidden = nn.Linear(h, e)
        self.outputContext = nn.Linear(inputs, e, bias=False)
        self.output = nn.Linear(e, words)

    def names(self):
        score, names = "attention.score.", recurrent(self.decoder, "decoder")
        for i, blocks in enumerate(self.stages):
            for j, block in enumerate(blocks):
                for part in block:
                    names |= linear(block[part], f"encoder.stages.{i}.{j}.{part}")
        for part in ("initialHidden", "initialCell", "gate", "embedding", "outputHidden", "outputContext", "output"):
            names |= linear(getattr(self, part), part)
        return (
            names
            | {score + "queryWeight": self.query.weight, score + "keyWeight": self.key.weight}
            | {score + "bias": self.key.bias, score + "v": self.v.weight}
        )

    def forward(self, x, target):
        for i, blocks in enumerate(self.stages):
            x = nn.functional.max_pool2d(x, 2) if i else x
            for block in blocks:
                x = torch.relu(block["norm"](block["convolution"](x)))
        places = x.flatten(2).transpose(1, 2)
        mean, keys, inputs = places.mean(1), self.key(places), self.embedding(target)
        h, c = torch.tanh(self.initialHidden(mean)), torch.tanh(self.initialCell(mean))
        states, contexts = [], []
        for t in range(target.shape[1]):
            weights = torch.softmax(self.v(torch.tanh(self.query(h)[:, None] + keys)), 1)
            context = (weights * places).sum(1) * torch.sigmoid(self.gate(h))
            h, c = self.decoder(torch.cat([inputs[:, t], context], 1), (h, c))
            states.append(h)
            contexts.append(context)
        states, contexts = torch.stack(states, 1), torch.stack(contexts, 1)
        return self.output(inputs + self.outputHidden(states) + self.outputContext(contexts))


def rows(entry):
    """A parameter, or the rows of one that ours corresponds to."""
    return entry if isinstance(entry, tuple) else (entry, slice(None))


MODELS = {
    "rnn_attention": AttentionRNN,
    "sentence_encoder": SentenceEncoder,
    "bahdanau": Bahdanau,
    "captioner": Captioner,
    "transformer": Transformer,
}


def model(name, w):
    kinds = {"simple_rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
    if name in kinds:
        made = Recurrent(kinds[name], w)
    else:
        made = MODELS[name](w)
    with torch.no_grad():
        for ours, entry in made.names().items():
            parameter, part = rows(entry)
            parameter[part] = torch.from_numpy(w[ours]).reshape(parameter[part].shape)
    return made


def objective(name, made, inputs):
    """The loss as a function of nothing."""
    cross_entropy = nn.CrossEntropyLoss()
    if name == "transformer":
        return lambda: made(inputs["x"]).sum()
    if name == "captioner":
        labels = inputs["target"].reshape(-1)
        return lambda: cross_entropy(made(inputs["x"], inputs["target"]).flatten(0, 1), labels)
    if name == "bahdanau":
        labels = inputs["target"].reshape(-1)
        return lambda: cross_entropy(made(inputs["source"], inputs["target"]).flatten(0, 1), labels)
    if name == "sentence_encoder":
        return lambda: cross_entropy(made(inputs["symbols"]), inputs["target"])
    return lambda: cross_entropy(made(inputs["x"]), inputs["labels"])


def training(name, w, inputs, compiled):
    made = model(name, w)
    loss = objective(name, made, inputs)
    if compiled:
        loss = torch.compile(loss)

    def step():
        made.zero_grad(set_to_none=True)
        value = loss()
        value.backward()
        return value

    def results():
        found = {"loss": step().detach().numpy()}
        for ours, entry in made.names().items():
            parameter, part = rows(entry)
            found[ours] = parameter.grad[part].numpy()
        return found

    return step, results


# What a model is called with, where that is not `x`.
ARGUMENTS = {"bahdanau": ("source", "target"), "sentence_encoder": ("symbols",)}


def inference(name, w, inputs, compiled):
    made = model(name, w).eval()
    arguments = [inputs[n] for n in ARGUMENTS.get(name, ("x",))]
    function = torch.compile(made) if compiled else made

    @torch.inference_mode()
    def step():
        return function(*arguments)

    return step, lambda: {"output": step().numpy()}


def greedy(w, inputs, results, compiled):
    made, steps = model("bahdanau", w).eval(), len(results["symbols"])
    function = torch.compile(made.greedy) if compiled else made.greedy

    @torch.inference_mode()
    def step():
        return function(inputs["source"], steps)

    return step, lambda: {"symbols": step().numpy().astype("i4")}


def chain(inputs):
    a = inputs["a"].requires_grad_()

    def step():
        a.grad, z = None, a
        for _ in range(1000):
            z = z * a + a
        z.sum().backward()

    def results():
        step()
        return {"output": a.grad.numpy()}

    return step, results


def optimizer(name, w, inputs):
    """The fastest of PyTorch's own ways: `fused`."""
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[name]
    rate = {"sgd": 0.01}.get(name, 1e-3)
    parameters = {n: torch.from_numpy(t).requires_grad_() for n, t in w.items()}
    start = {n: t.copy() for n, t in w.items()}

    def fresh():
        for n, p in parameters.items():
            p.grad = inputs[n.split(".")[-1]]
        return kind(parameters.values(), lr=rate, fused=True)

    def results():
        with torch.no_grad():
            for n, p in parameters.items():
                p.copy_(torch.from_numpy(start[n]))
        rule = fresh()
        rule.step()
        rule.step()
        return {n: p.detach().numpy().copy() for n, p in parameters.items()}

    return fresh().step, results


def conv(function):
    """With as many zeros as keep the extents."""
    return lambda x, weight, bias: function(x, weight, bias, padding=weight.shape[-1] // 2)


WINDOWS = {
    "conv1d": conv(nn.functional.conv1d),
    "conv2d": conv(nn.functional.conv2d),
    "max_pool": lambda x: nn.functional.max_pool2d(x, 2),
    "average_pool": lambda x: nn.functional.avg_pool2d(x, 2),
}


def windows(name, inputs, results, compiled):
    """A convolution or pooling, or the derivatives of the sum of its squares that `results` has."""
    function = WINDOWS[name.removesuffix("_train")]
    if not name.endswith("_train"):
        function = torch.compile(function) if compiled else function
        step = torch.inference_mode()(lambda: function(**inputs))
        return step, lambda: {"output": step().numpy()}
    leaves = {n: inputs[n].requires_grad_() for n in results if n != "loss"}
    loss = lambda: function(**inputs).square().sum()
    loss = torch.compile(loss) if compiled else loss

    def step():
        for leaf in leaves.values():
            leaf.grad = None
        value = loss()
        value.backward()
        return value

    def found():
        return {"loss": step().detach().numpy()} | {n: t.grad.numpy() for n, t in leaves.items()}

    return step, found


FUNCTIONS = {
    "gemm": lambda a, b: a @ b,
    "gemm_nt": lambda a, b: a @ b.T,
    "gemm_tn": lambda a, b: a.T @ b,
    "tanh": torch.tanh,
    "exp": torch.exp,
    "softmax": lambda x: torch.softmax(x, 1),
    "add": lambda x: x + x,
    "sort": lambda x: x.sort(1),
    "top": lambda x: x.topk(5, 1),
    "transpose": lambda x: x.T.contiguous(),
}


def values(result):
    """What sorting gives are values and where they were."""
    return result if isinstance(result, torch.Tensor) else result.values


def make(name, weights, inputs, results, compiled):
    """What to run, and a function that gives its results by our names; None if there is no such."""
    if compiled:  # else the compiler, having seen this code with other models, may give up on it
        torch._dynamo.reset()
    inputs = {n: torch.from_numpy(t) for n, t in inputs.items()}
    inputs = {n: t.long() if t.dtype == torch.int32 else t for n, t in inputs.items()}
    if name in ("op_overhead", "sgd", "adam", "adamw"):
        if compiled:
            return None
        return chain(inputs) if name == "op_overhead" else optimizer(name, weights, inputs)
    if name.removesuffix("_train") in WINDOWS:
        return windows(name, inputs, results, compiled)
    if name in FUNCTIONS:
        function = torch.compile(FUNCTIONS[name]) if compiled else FUNCTIONS[name]
        step = torch.inference_mode()(lambda: function(*inputs.values()))
        return step, lambda: {"output": values(step()).numpy()}
    if name == "bahdanau_greedy":
        return greedy(weights, inputs, results, compiled)
    if name.endswith("_inference"):
        return inference(name.removesuffix("_inference"), weights, inputs, compiled)
    return training(name.removesuffix("_long"), weights, inputs, compiled)


def set_up(threads):
    torch.set_num_threads(threads)


def warm_up():
    """A small train step, so that what PyTorch does once in a process is done."""
    nn.RNN(8, 16)(torch.ones(16, 8, 8))[0].sum().backward()


def remark():
    """What `torch.compile` has made of the last workload."""
    counters = torch._dynamo.utils.counters
    breaks = sum(counters["graph_break"].values())
    reasons = sorted({reason.splitlines()[0] for reason in counters["graph_break"]})
    graphs = counters["stats"].get("unique_graphs", 0)
    counters.clear()
    return f"{graphs} graphs, {breaks} breaks" + (f" ({'; '.join(reasons)})" if reasons else "")
