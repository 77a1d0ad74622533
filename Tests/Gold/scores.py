#!/usr/bin/env python3
"""Writes scores.json: corpora drawn from a seed, and what the published scorers say of them.

    python3 -m venv .build-scores && .build-scores/bin/pip install -r Tests/Gold/scores.txt
    .build-scores/bin/python Tests/Gold/scores.py
"""
import io
import json
import pathlib
import random

import conlleval
import jiwer
from sacrebleu.metrics import BLEU, CHRF
from subword_nmt.apply_bpe import BPE
from subword_nmt.learn_bpe import learn_bpe

rng = random.Random(7)
# One letter with an accent of its own, and the same as two code points: different tokens.
WORDS = "the a dog cat runs sleeps on in park house caf\u00e9 cafe\u0301 \U0001f415 , . ! aaa abab ab".split()


def sentence(longest):
    return [rng.choice(WORDS) for _ in range(rng.randint(1, longest))]


def changed(tokens):
    result = []
    for token in tokens:
        kind = rng.random()
        if kind < 0.1:
            continue
        result.append(rng.choice(WORDS) if kind < 0.25 else token)
        if kind > 0.92:
            result.append(rng.choice(WORDS))
    return result


def translations():
    for number in range(40):
        size, longest, count = rng.randint(1, 12), rng.choice([2, 5, 14]), rng.choice([1, 1, 2, 3])
        references = [[sentence(longest) for _ in range(count)] for _ in range(size)]
        hypotheses = [changed(rng.choice(choices)) for choices in references]
        if number % 7 == 0:
            hypotheses[0] = []
        if number % 11 == 0:
            hypotheses = [["nothing"] for _ in hypotheses]
        smoothing, value = rng.choice(
            [("none", None), ("exp", None), ("floor", 0.1), ("floor", 0.01), ("add-k", 1.0)])
        order = rng.choice([2, 4, 4, 4])
        # sacrebleu wants the first references of all, then the second of all.
        streams = [[" ".join(choices[i]) for choices in references] for i in range(count)]
        texts = [" ".join(tokens) for tokens in hypotheses]
        bleu = BLEU(tokenize="none", smooth_method=smoothing, smooth_value=value,
                    max_ngram_order=order, force=True).corpus_score(texts, streams)
        chrf = CHRF().corpus_score(texts, streams)
        yield {
            "hypotheses": hypotheses, "references": references, "order": order,
            "smoothing": smoothing, "value": value, "bleu": bleu.score,
            "precisions": bleu.precisions, "brevity": bleu.bp, "chrf": chrf.score,
            "lengths": [bleu.sys_len, bleu.ref_len]}


def slots():
    kinds = ["city", "date", "from-to"]
    for _ in range(30):
        pairs = []
        for _ in range(rng.randint(1, 8)):
            wanted = [tag(kinds) for _ in range(rng.randint(1, 9))]
            found = [one if rng.random() < 0.75 else tag(kinds) for one in wanted]
            pairs.append((wanted, found))
        lines = []
        for wanted, found in pairs:
            lines += [f"word {right} {ours}" for right, ours in zip(wanted, found)] + [""]
        result = conlleval.evaluate(lines)
        chunks = result["overall"]["chunks"]
        yield {
            "references": [pair[0] for pair in pairs], "hypotheses": [pair[1] for pair in pairs],
            "counts": [chunks["stats"][key] for key in ("gold", "pred", "correct")],
            "f1": 100 * chunks["evals"]["f1"],
            "kinds": {kind: 100 * counts["evals"]["f1"]
                      for kind, counts in result["slots"]["chunks"].items()}}


def tag(kinds):
    mark = rng.choice("OOBI")
    return mark if mark == "O" else f"{mark}-{rng.choice(kinds)}"


def errors():
    for _ in range(20):
        references = [sentence(8) for _ in range(rng.randint(1, 9))]
        hypotheses = [changed(tokens) for tokens in references]
        found = jiwer.process_words(
            [" ".join(tokens) for tokens in references], [" ".join(tokens) for tokens in hypotheses])
        yield {"references": references, "hypotheses": hypotheses, "rate": 100 * found.wer}


def pieces():
    for count in (1, 5, 40, 1000):
        corpus = [" ".join(sentence(12)) for _ in range(60)]
        codes = io.StringIO()
        learn_bpe(io.StringIO("\n".join(corpus) + "\n"), codes, count)
        codes.seek(0)
        text = " ".join(sentence(30) + ["unseen", "dogcat", "\u00e9\u00e9"])
        yield {
            "corpus": corpus, "count": count, "codes": codes.getvalue(), "text": text,
            "pieces": BPE(io.StringIO(codes.getvalue())).process_line(text).split()}


cases = {"translations": list(translations()), "slots": list(slots()), "errors": list(errors()),
         "pieces": list(pieces())}
path = pathlib.Path(__file__).with_name("scores.json")
groups = [f'"{name}": [\n' + ",\n".join(json.dumps(entry) for entry in entries) + "\n]"
          for name, entries in cases.items()]
path.write_text("{\n" + ",\n".join(groups) + "\n}\n", encoding="utf-8")
print({name: len(entries) for name, entries in cases.items()}, path.stat().st_size)
