"""Writes the files of other programs that the tests of DataFiles read.

    .build/datafiles-venv/bin/python Tests/DataFilesTests/make_fixtures.py

Tests/datafiles.sh installs the packages (Tests/datafiles/requirements.txt). Sample `c` of the pixel in column
`x` of row `y` is `(67 y + 29 x + 101 c) % 2**bits`; sample `t` of channel `c` of a sound is that of the sounds
below. The tests compute the same.
"""
import pathlib

import numpy as np
import pandas
import png
import soundfile
from PIL import Image

folder = pathlib.Path(__file__).parent / "Fixtures"
folder.mkdir(exist_ok=True)


def samples(channels, bits=8, width=5, height=3):
    y, x, c = np.indices((height, width, channels))
    return (67 * y + 29 * x + 101 * c) % 2**bits


def pypng(name, channels, bits, **options):
    values = samples(channels, bits)
    with open(folder / name, "wb") as file:
        png.Writer(
            5, 3, greyscale=channels < 3, alpha=channels % 2 == 0, bitdepth=bits, **options
        ).write(file, values.reshape(3, -1).tolist())


pypng("grey-16.png", 1, 16)
pypng("grey-2-interlaced.png", 1, 2, interlace=True)
pypng("colour-interlaced.png", 3, 8, interlace=True)
# The colour of the first pixel is transparent.
pypng("colour-hole.png", 3, 8, transparent=tuple(map(int, samples(3)[0, 0])))
pypng("grey-alpha-16.png", 2, 16)
with open(folder / "palette-2.png", "wb") as file:
    palette = [(i, 2 * i, 255 - i, 80 * i) for i in range(4)]
    png.Writer(5, 3, palette=palette, bitdepth=2).write(file, samples(1, 2)[..., 0].tolist())
Image.fromarray(samples(4).astype(np.uint8), "RGBA").save(folder / "pillow.png", optimize=True)
Image.fromarray(samples(3).astype(np.uint8), "RGB").save(folder / "pillow.ppm")
Image.fromarray(samples(1).astype(np.uint8)[..., 0], "L").save(folder / "pillow.pgm")

sound = np.stack([np.arange(-4, 5) / 8, np.arange(9) / 16], axis=1)
for subtype in ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"]:
    soundfile.write(folder / f"{subtype}.wav", sound, 8000, subtype=subtype)
soundfile.write(folder / "extensible.wav", sound, 8000, subtype="PCM_24", format="WAVEX")

pandas.DataFrame({
    "whole": [1, -2, 3],
    "number": [0.1, np.nan, -2.5e-300],
    "truth": [True, False, True],
    "text": ["a,b", None, 'say "ä"'],
}).to_csv(folder / "pandas.csv", index=False)
