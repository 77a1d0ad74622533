"""Loads the `.pt` files that `data-cases` has written by PyTorch: `compare_torch.py FOLDER`.

`tensors.npz` has the same numbers, but for the types that NumPy lacks.
"""
import pathlib
import sys

import numpy as np
import torch

folder = pathlib.Path(sys.argv[1]) / "written"
arrays = np.load(folder / "tensors.npz")
flat = torch.load(folder / "tensors.pt", weights_only=True)
nested = torch.load(folder / "nested.pt", weights_only=True)
assert list(nested) == ["run"] and list(nested["run"]) == ["state_dict"]
for tensors in [flat, nested["run"]["state_dict"]]:
    assert list(tensors) == sorted([*arrays, "bfloat16"])
    for name in arrays:
        assert tensors[name].numpy().dtype == arrays[name].dtype, name
        assert np.array_equal(tensors[name].numpy(), arrays[name]), name
    assert tensors["bfloat16"].dtype == torch.bfloat16
    assert torch.equal(tensors["bfloat16"], tensors["float32"].bfloat16())
print(f"PyTorch {torch.__version__}: {len(flat)} tensors of two .pt files are equal")
