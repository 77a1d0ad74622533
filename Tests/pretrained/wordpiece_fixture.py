#!/usr/bin/env python3
"""Writes Tests/TasksTests/Fixtures/wordpieces.json: a small vocabulary, texts, and the numbers that Hugging
Face's `tokenizers` gives them. Packages: Tests/pretrained/reference-requirements.txt"""
import json
import pathlib

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from texts import TEXTS

MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def tokenizer(vocabulary, lowercase, strip, chinese):
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    made.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=chinese, strip_accents=strip, lowercase=lowercase)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.BertProcessing(("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    made.add_special_tokens(MARKS)
    return made


def pieces():
    """Whatever single characters the texts have, whole or after others, but for some; and pairs of
    letters, so that the longest piece is not always the first."""
    words = set()
    for options in ((True, None, True), (False, None, True), (False, True, False)):
        probe = tokenizer({mark: i for i, mark in enumerate(MARKS)}, *options)
        for text in TEXTS:
            normal = probe.normalizer.normalize_str(text)
            words |= {word for word, _ in probe.pre_tokenizer.pre_tokenize_str(normal)}
    letters = sorted({c for word in words for c in word} - set("qz\u2603\u0e27\u4e16"))
    pairs = sorted({w[i:i + 2] for w in words for i in range(len(w) - 1) if w.isascii() and w.isalpha()})
    known = ["hello", "world", "un", "##aff", "##able", "cafe", "na", "##ive", "the", "quick", "##own", "short"]
    return MARKS + known + letters + ["##" + c for c in letters] + pairs[::2] + ["##" + p for p in pairs[1::2]]


vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces()))}
cases = []
for lowercase, strip, chinese in (
    (True, None, True), (False, None, True), (True, False, True), (False, True, False),
):
    made = tokenizer(vocabulary, lowercase, strip, chinese)
    numbers = [made.encode(text).ids for text in TEXTS]
    cases.append({"lowercases": lowercase, "separatesChinese": chinese, "numbers": numbers}
                 | ({} if strip is None else {"stripsAccents": strip}))
content = {"texts": TEXTS, "pieces": list(vocabulary), "cases": cases}
path = pathlib.Path(__file__).parent.parent / "TasksTests/Fixtures/wordpieces.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
print(f"{path}: {len(vocabulary)} pieces, {len(TEXTS)} texts")
