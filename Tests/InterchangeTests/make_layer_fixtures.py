"""Writes PyTorch's layers that the tests of names load: weights, inputs and outputs.

    python3 Tests/InterchangeTests/make_layer_fixtures.py

Made with PyTorch 2.13.0 (Benchmarks/peers/install.sh has it) and safetensors 0.6.2 with packaging 25.0 (PyPI). Everything is
drawn from one seed. `layers.pt` has for each layer its `state`, `inputs` and `outputs`;
`bidirectional.safetensors` is a state as `safetensors.torch.save_file` writes it, `half.safetensors` one of
F16 and BF16.
"""
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

folder = pathlib.Path(__file__).parent / "Fixtures"
torch.manual_seed(18)


def case(layer, *inputs, training_steps=(), call=None):
    for x in training_steps:
        layer.train()(x)
    layer.eval()
    # Fresh norms and attention biases are ones and zeros, which would fit anywhere.
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            if "norm" in name or "bias" in name or isinstance(layer, (nn.LayerNorm, nn.BatchNorm1d)):
                parameter.add_(0.1 * torch.randn_like(parameter))
        outputs = (call or layer)(*inputs)
    flat = []
    for output in outputs if isinstance(outputs, tuple) else (outputs,):
        flat += list(output) if isinstance(output, tuple) else [output]
    return {
        "state": {name: tensor.clone() for name, tensor in layer.state_dict().items()},
        "inputs": list(inputs),
        "outputs": [tensor.detach().clone() for tensor in flat],
    }


x = torch.randn(2, 5, 3)
size = torch.randn(2, 4, 6)
memory = torch.randn(2, 3, 6)
two = dict(num_layers=2, bidirectional=True, batch_first=True)
attention = dict(batch_first=True)
gru = nn.GRU(3, 4, **two)
cases = {
    "linear": case(nn.Linear(3, 4), x),
    "embedding": case(nn.Embedding(7, 4), torch.tensor([[1, 6, 0]])),
    "conv1d": case(nn.Conv1d(4, 6, 3, groups=2), torch.randn(2, 4, 9)),
    "conv2d": case(nn.Conv2d(2, 3, (3, 2)), torch.randn(2, 2, 6, 5)),
    "batch_norm": case(
        nn.BatchNorm1d(4), torch.randn(3, 4, 5), training_steps=list(torch.randn(3, 3, 4, 5) * 2 + 1)),
    "layer_norm": case(nn.LayerNorm((5, 3)), x),
    "rnn_cell": case(nn.RNNCell(3, 4), x[:, 0], torch.randn(2, 4)),
    "gru_cell": case(nn.GRUCell(3, 4), x[:, 0], torch.randn(2, 4)),
    "rnn": case(nn.RNN(3, 4, **two), x),
    "gru": case(gru, x),
    "lstm": case(nn.LSTM(3, 4, **two), x),
    "lstm_projection": case(nn.LSTM(3, 4, proj_size=2, **two), x),
    "attention": case(nn.MultiheadAttention(6, 2, **attention), size, memory, memory),
    "attention_sizes": case(
        nn.MultiheadAttention(6, 2, kdim=3, vdim=5, **attention), size, torch.randn(2, 3, 3),
        torch.randn(2, 3, 5)),
    "attention_no_bias": case(
        nn.MultiheadAttention(6, 2, bias=False, **attention), size, memory, memory),
    "encoder_layer": case(nn.TransformerEncoderLayer(6, 2, 8, **attention), size),
    "decoder_layer": case(nn.TransformerDecoderLayer(6, 2, 8, **attention), size, memory),
}
cell = nn.LSTMCell(3, 4)
state = (torch.randn(2, 4), torch.randn(2, 4))
cases["lstm_cell"] = case(cell, x[:, 0], *state, call=lambda x, h, c: cell(x, (h, c)))
torch.save(cases, folder / "layers.pt")
save_file(gru.state_dict(), folder / "bidirectional.safetensors")
linear = nn.Linear(3, 4)
save_file(
    {"weight": linear.weight.detach().half(), "bias": linear.bias.detach().bfloat16()},
    folder / "half.safetensors")
