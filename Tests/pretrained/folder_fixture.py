#!/usr/bin/env python3
"""Writes Tests/ZooModelsTests/Fixtures/encoder: a small BERT in a folder of sentence-transformers, and in
expected.safetensors what transformers makes of sentences. Packages: reference-requirements.txt"""
import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertModel, BertTokenizer

SENTENCES = ["The cat sat.", "A cat!", "the dogs ran and ran and ran and ran", ""]
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "a", "cat", "dog", "##s", "sat", "ran", "and", ".", "!"]
LIMIT = 10
folder = pathlib.Path(__file__).parent.parent / "ZooModelsTests/Fixtures/encoder"
shutil.rmtree(folder, ignore_errors=True)
(folder / "1_Pooling").mkdir(parents=True)

torch.manual_seed(1)
configuration = BertConfig(
    vocab_size=len(PIECES), hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24,
    max_position_embeddings=12, layer_norm_eps=1e-12)
model = BertModel(configuration).eval()
with torch.no_grad():  # nothing at its first value, so that nothing can be left out unseen
    for parameter in model.parameters():
        parameter.add_(0.3 * torch.randn_like(parameter))
model.save_pretrained(folder)
(folder / "vocab.txt").write_text("".join(piece + "\n" for piece in PIECES))


def write(name, content):
    (folder / name).write_text(json.dumps(content, indent=1) + "\n")


write("tokenizer_config.json", {
    "do_lower_case": True, "strip_accents": None, "tokenize_chinese_chars": True, "model_max_length": 512,
    "unk_token": "[UNK]", "cls_token": {"content": "[CLS]", "special": True}, "tokenizer_class": "BertTokenizer"})
write("sentence_bert_config.json", {"max_seq_length": LIMIT, "do_lower_case": False})
kinds = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
write("modules.json", [
    {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
    for i, (path, kind) in enumerate(kinds)])
write("1_Pooling/config.json", {
    "word_embedding_dimension": 16, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True,
    "pooling_mode_max_tokens": False, "pooling_mode_mean_sqrt_len_tokens": False})

tokenizer = BertTokenizer(vocab=str(folder / "vocab.txt"), do_lower_case=True)
batch = tokenizer(SENTENCES, padding=True, truncation=True, max_length=LIMIT, return_tensors="pt")
with torch.no_grad():
    states = model.double()(**batch).last_hidden_state
mask = batch["attention_mask"].unsqueeze(2).bool()
expected = {
    "numbers": batch["input_ids"], "lengths": batch["attention_mask"].sum(1),
    "mean": states.masked_fill(~mask, 0).sum(1) / mask.sum(1), "first": states[:, 0],
    "largest": states.masked_fill(~mask, -torch.inf).amax(1),
}
vectors = torch.nn.functional.normalize(expected["mean"], dim=1)
save_file({name: t.contiguous() for name, t in (expected | {"vectors": vectors}).items()}, folder / "expected.safetensors",
          metadata={"sentences": json.dumps(SENTENCES)})
print(*sorted(path.name for path in folder.iterdir()))
