#!/usr/bin/env python3
"""Writes a weights file anew with its F32 tensors in F16, metadata and all else as they are.

usage: half_precision.py FROM TO
"""
import json
import struct
import sys

import numpy as np

source, target = sys.argv[1:]
content = open(source, "rb").read()
(length,) = struct.unpack("<Q", content[:8])
header, data = json.loads(content[8 : 8 + length]), content[8 + length :]
result, parts, offset = {}, [], 0
for name, entry in header.items():
    if name == "__metadata__":
        result[name] = entry
        continue
    begin, end = entry["data_offsets"]
    part, kind = data[begin:end], entry["dtype"]
    if kind == "F32":
        numbers = np.frombuffer(part, "<f4")
        # What is too large for F16 would become infinite.
        part, kind = np.clip(numbers, -65504, 65504).astype("<f2").tobytes(), "F16"
    result[name] = {
        "dtype": kind, "shape": entry["shape"], "data_offsets": [offset, offset + len(part)],
    }
    parts.append(part)
    offset += len(part)
text = json.dumps(result, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
with open(target, "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))
