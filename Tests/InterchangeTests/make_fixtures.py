"""Writes the files of other programs that the tests of Interchange read: NumPy's and PyTorch's.

    python3 Tests/InterchangeTests/make_fixtures.py

Made with NumPy 2.x and PyTorch 2.x (Benchmarks/peers/install.sh has both). The numbers of each array are
those of `values`: small whole numbers, so that every type holds them exactly.
"""
import collections
import pathlib
import zipfile

import numpy as np
import torch

folder = pathlib.Path(__file__).parent / "Fixtures"
folder.mkdir(exist_ok=True)


def values(dtype, shape=(2, 3)):
    return (np.arange(np.prod(shape)).reshape(shape) % 5).astype(dtype)


numeric = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
every = {f"{name.replace('?', 'b1')}": values(name) for name in numeric}
every["fortran"] = np.asfortranarray(values("f4", (2, 3, 4)))
every["big"] = values(">f4")
every["big16"] = values(">i2")
every["scalar"] = np.float64(2.5)
every["empty"] = np.zeros((0, 3), "f4")
every["vector"] = values("f8", (7,))
np.savez(folder / "stored.npz", **every)
np.savez_compressed(folder / "deflated.npz", **every)
np.save(folder / "fortran.npy", every["fortran"])
np.save(folder / "structured.npy", np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]))
np.save(folder / "text.npy", np.array(["ab", "cd"]))
np.lib.format.write_array(
    open(folder / "version2.npy", "wb"), values("f4"), version=(2, 0))

types = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32,
    torch.int16, torch.int8, torch.uint8, torch.bool, torch.complex64,
]
base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
state = collections.OrderedDict(
    [(f"types.{t}".replace("torch.", ""), torch.tensor(values("f4")).to(t)) for t in types])
state["views.transposed"] = base.transpose(0, 2)
state["views.part"] = base[:, 1:, ::2]
state["views.expanded"] = torch.tensor([1.0, 2.0]).unsqueeze(1).expand(2, 3)
state["views.shared"] = base
state["scalar"] = torch.tensor(2.5)
state["empty"] = torch.zeros(0, 3)
state["parameter"] = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
torch.save(state, folder / "state.pt")
torch.save(
    {"epoch": 3, "rate": 0.5, "name": "run", "done": True, "none": None,
     "model": {"weight": base, "list": [base[0], (base[1],)]}},
    folder / "nested.pt")
torch.save(base, folder / "single.pt")
torch.save(base, folder / "old.pt", _use_new_zipfile_serialization=False)
layer = torch.nn.GRU(2, 3, bidirectional=True)
torch.save(layer.state_dict(), folder / "gru.pt")


class Evil:
    def __reduce__(self):
        return (print, ("this was run",))


torch.save({"weight": base, "evil": Evil()}, folder / "evil.pt")
with zipfile.ZipFile(folder / "other.zip", "w") as archive:
    archive.writestr("readme.txt", "neither NumPy's nor PyTorch's")
