# A notebook as a script: editors show its cells, which begin with `# %%`, one by one, and
# `python notebook.py` runs them all.

# %% Models of the zoo from Python
# The library is built by `swift build -c release --product tapestry`, and installed by
# `pip install ./Python`. The trained weights came with it.
import json

import numpy as np

import tapestry

speaker = tapestry.pretrained("seq2seq")
print(speaker)

# %% A word is pronounced
# The vocabularies stand in the file's metadata, as `zoo` saved them: four symbols come before theirs,
# of which 1 begins a target and 2 ends one.
letters = json.loads(speaker.metadata["source"])["vocabulary"]
phonemes = ["", "<", ">", "?"] + json.loads(speaker.metadata["target"])["vocabulary"]
word = "tapestry"
source = np.array([[4 + letters.index(letter) for letter in word]])
found = speaker.beam(source, width=4, limit=20)
said = found.symbols[0, 0, : found.counts[0, 0]]
print(word, [phonemes[symbol] for symbol in said], f"{np.exp(found.logProbabilities[0, 0]):.2f}")

# %% What it looked at
# The decoder reads the start and what it has said so far; each row of the weights is a phoneme's.
logits, weights = speaker(source, np.concatenate([[1], said])[None])
for phoneme, row in zip(said, weights[0]):
    print(f"{phonemes[phoneme]:3}", "".join(" .:+*#"[int(weight * 5.99)] for weight in row))

# %% A model of one's own data
# Which of the steps is the largest? A model with fresh weights learns it, step by step.
model = tapestry.create(
    "attention-rnn",
    {
        "inputSize": 1,
        "hiddenSize": 32,
        "outputSize": 2,
        "layers": 1,
        "isBidirectional": True,
        "dropout": 0.0,
    },
    seed=1,
)
random = np.random.default_rng(1)


def examples(count):
    """Ten numbers each, and whether the largest stands in the first half."""
    x = random.standard_normal((count, 10, 1), dtype=np.float32)
    return x, (x[:, :, 0].argmax(axis=1) < 5).astype(np.int32)


model.set_optimizer("adam", rate=1e-2, clip=1)
losses = [model.train(*examples(64)) for step in range(300)]
x, labels = examples(1000)
accuracy = (model(x).output.argmax(axis=1) == labels).mean()
print(f"loss {np.mean(losses[:20]):.2f} to {np.mean(losses[-20:]):.2f}, {accuracy:.0%} right")

# %% And back
# A folder that `tapestry.load` opens again, as Swift's `AttentionRNN<Float>(TensorFile(...))` does.
model.save("largest")
again = tapestry.load("largest")
assert (again(x).output == model(x).output).all()
