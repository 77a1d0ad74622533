"""Writes files of data by other programs, and checks what `data-cases` has made of them.

    compare.py write FOLDER
    compare.py check FOLDER

Everything is drawn from one seed. What is read must be equal, number for number; what was written is read
by the other program and must be equal too. Pictures of 16 bits are rounded to 8, colours become grey as
Pillow's do (Rec. 601), and samples of 32 bits and more are rounded to Float.
"""

import csv
import io
import itertools
import json
import pathlib
import sys

import numpy as np
import pandas
import png
import soundfile
from PIL import Image

SIZES = [(1, 1), (3, 2), (9, 17), (32, 8)]
checked = failures = 0


def check(name, is_equal):
    global checked, failures
    checked += 1
    if not is_equal:
        failures += 1
        print("differs:", name)


# Pictures: name, what the file is written with, and the samples that it must have, [height, width, channels].


def reduced(samples, bits):
    most = 2**bits - 1
    return ((samples.astype(np.int64) * 255 + most // 2) // most).astype(np.uint8)


def pictures(random):
    for (width, height), interlaced in itertools.product(SIZES, [False, True]):
        for grey, alpha, bits in [
            (True, False, 1), (True, False, 2), (True, False, 4), (True, False, 8), (True, False, 16),
            (True, True, 8), (True, True, 16), (False, False, 8), (False, False, 16), (False, True, 8),
            (False, True, 16),
        ]:
            channels = (1 if grey else 3) + alpha
            samples = random.integers(0, 2**bits, (height, width, channels))
            name = f"{'grey' if grey else 'colour'}{alpha:d}-{bits}-{width}x{height}-{interlaced:d}.png"

            options = {"greyscale": grey, "alpha": alpha, "bitdepth": bits, "interlace": interlaced,
                       "compression": int(random.integers(0, 10))}

            def write(file, transparent=None, samples=samples, options=options):
                rows = samples.reshape(len(samples), -1).tolist()
                png.Writer(samples.shape[1], len(samples), transparent=transparent, **options).write(file, rows)

            yield name, write, reduced(samples, bits)
            if not alpha:
                colour = samples[0, 0]
                opacity = np.where((samples == colour).all(-1, keepdims=True), 0, 255)
                marked = np.concatenate([reduced(samples, bits), opacity], -1).astype(np.uint8)
                value = int(colour[0]) if grey else tuple(map(int, colour))
                yield "hole-" + name, lambda file, w=write, v=value: w(file, v), marked
        for bits, opaque in itertools.product([1, 2, 4, 8], [False, True]):
            palette = random.integers(0, 256, (2**bits, 3 if opaque else 4))
            indices = random.integers(0, 2**bits, (height, width))

            options = {"palette": [tuple(map(int, c)) for c in palette], "bitdepth": bits, "interlace": interlaced}

            def write(file, indices=indices, options=options):
                png.Writer(indices.shape[1], len(indices), **options).write(file, indices.tolist())

            name = f"palette{bits}-{opaque:d}-{width}x{height}-{interlaced:d}.png"
            yield name, write, palette[indices].astype(np.uint8)
    smooth = np.add.outer(np.arange(300), np.arange(200))[..., None] * [1, 2, 3] // 4 % 256
    noise = random.integers(0, 24, smooth.shape)
    for mode, channels in [("L", 1), ("LA", 2), ("RGB", 3), ("RGBA", 4)]:
        samples = np.resize((smooth + noise) % 256, (200, 300, channels)).astype(np.uint8)
        for optimize in [False, True]:
            image = Image.fromarray(samples[..., 0] if channels == 1 else samples, mode)
            yield (
                f"pillow-{mode}-{optimize:d}.png",
                lambda file, i=image, o=optimize: i.save(file, "PNG", optimize=o), samples)
        if mode in ("L", "RGB"):
            yield f"pillow-{mode}.ppm", lambda file, i=image: i.save(file, "PPM"), samples
            header, text = ("P2" if mode == "L" else "P3"), " ".join(map(str, samples.ravel()))
            content = f"{header} # text\n300 200\n255\n{text}\n".encode()
            yield f"text-{mode}.ppm", lambda file, c=content: file.write(c), samples
    deep = random.integers(0, 65536, (8, 9, 1))
    yield (
        "deep.pgm",
        lambda file: file.write(b"P5\n9 8\n65535\n" + deep.astype(">u2").tobytes()), reduced(deep, 16))


def check_picture(folder, name, expected):
    read = np.load(folder / "read" / f"{name}.npz")
    check(f"{name}: samples", np.array_equal(read["samples"], expected))
    normal = (np.moveaxis(expected, -1, 0).astype(np.float64) / 255 - 0.5) / 0.25
    check(f"{name}: normalized", np.abs(read["normalized"] - normal).max() <= 1e-6)
    if expected.shape[-1] in (1, 3):
        mode = "L" if expected.shape[-1] == 1 else "RGB"
        image = Image.fromarray(expected[..., 0] if mode == "L" else expected, mode)
        check(f"{name}: rgb", np.array_equal(read["rgb"], np.asarray(image.convert("RGB"))))
        check(f"{name}: gray", np.array_equal(read["gray"][..., 0], np.asarray(image.convert("L"))))
        kinds = ["png", "ppm"]
    else:
        kinds = ["png"]
    for kind in kinds:
        written = np.asarray(Image.open(folder / "written" / f"{name}.{kind}"))
        check(f"{name}: {kind} written", np.array_equal(written.reshape(expected.shape), expected))


# Sounds.

SUBTYPES = {"PCM_U8": "pcm8", "PCM_16": "pcm16", "PCM_24": "pcm24", "PCM_32": "pcm32", "FLOAT": "float32", "DOUBLE": "float64"}


def sounds(random):
    for form, subtype, channels, count in itertools.product(
        ["WAV", "WAVEX"], SUBTYPES, [1, 2, 6], [0, 1, 1001]
    ):
        samples = random.uniform(-1, 1, (count, channels))
        name = f"{form}-{subtype}-{channels}-{count}.wav"
        yield name, lambda file, s=samples, f=form, t=subtype: soundfile.write(
            file, s, 22050, subtype=t, format=f), subtype


def check_sound(folder, name, subtype):
    expected, rate = soundfile.read(folder / name, dtype="float32", always_2d=True)
    read = np.load(folder / "read" / f"{name}.npz")
    check(f"{name}: samples", np.array_equal(read["samples"], expected) and read["rate"] == rate)
    for other, format in SUBTYPES.items():
        path = folder / "written" / f"{name}.{format}.wav"
        check(f"{name}: {format} written", soundfile.info(path).subtype == other)
        written, rate = soundfile.read(path, dtype="float64", always_2d=True)
        if format.startswith("float"):
            is_equal = np.array_equal(written, expected.astype(np.float64))
        else:
            bits = int(format[3:])
            largest = 2.0 ** (bits - 1)
            numbers = np.clip(np.floor(np.abs(expected.astype(np.float64)) * largest + 0.5) * np.sign(expected), -largest, largest - 1)
            is_equal = np.array_equal(written * largest, numbers)
        check(f"{name}: {format}, numbers written", is_equal and rate == 22050)
        if other == subtype and other not in ("PCM_32", "DOUBLE") and name.startswith("WAV-"):
            data = folder.joinpath(name).read_bytes().split(b"data", 1)[1]
            check(f"{name}: the same bytes", data == path.read_bytes().split(b"data", 1)[1])


# Tables.


def frames(random):
    count = 2000
    bits = random.integers(0, 2**64, count, dtype=np.uint64).view(np.float64)
    frame = pandas.DataFrame({
        "whole": random.integers(-(2**63), 2**63 - 1, count),
        "small": random.integers(-9, 10, count),
        "float": random.normal(size=count),
        "short": random.normal(size=count).round(3),
        "single": random.normal(size=count).astype(np.float32),
        "any bits": np.where(np.isfinite(bits), bits, 0.0),
        "infinite": random.choice([np.inf, -np.inf, 1.5], count),
        "truth": random.choice([True, False], count),
        "text": random.choice(["a", "b,c", 'd"e', "f\ng", "ä€𝄞", "a longer text than fits", "\t", " x "], count),
    })
    yield "frame", frame
    gaps = frame.drop(columns=["truth", "infinite"]).astype(object).mask(random.uniform(size=(count, 7)) < 0.3)
    yield "gaps", gaps
    yield "one", frame[["float"]]
    yield "empty", frame[:0][["float", "small"]]


def tables(random):
    for name, frame in frames(random):
        for style, options in {
            "plain": {}, "crlf": {"lineterminator": "\r\n"}, "tabs": {"sep": "\t"},
            "quoted": {"quoting": csv.QUOTE_ALL}, "index": {"index": True}, "na": {"na_rep": "NA"},
            "bom": {"encoding": "utf-8-sig"},
        }.items():
            options = {"index": False, **options}
            ending = "tsv" if style == "tabs" else "csv"
            yield f"{name}-{style}.{ending}", lambda file, f=frame, o=options: f.to_csv(file, **o)


OPTIONS = {"keep_default_na": False,
           "na_values": ["", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "<NA>"]}


def equal(first, second):
    return list(first.columns) == list(second.columns) and all(
        len(first[name]) == len(second[name]) and all(
            a == b or (pandas.isna(a) and pandas.isna(b)) for a, b in zip(first[name], second[name]))
        for name in first.columns)


def check_table(folder, name):
    options = {**OPTIONS, "sep": "\t" if name.endswith("tsv") else ","}
    expected = pandas.read_csv(folder / name, **options)
    read = np.load(folder / "read" / f"{name}.npz")
    for index, column in enumerate(expected.columns):
        values = expected[column]
        if values.dtype.kind in "if" and len(values) > 0:
            numbers = read[str(index)] if str(index) in read else np.zeros(0)
            same = numbers.dtype == values.dtype or values.isna().all()
            check(f"{name}: {column!r}", same and np.array_equal(numbers, values, equal_nan=True))
    lines = [json.loads(line) for line in open(folder / "read" / f"{name}.jsonl", encoding="utf-8")]
    # JSON has no infinite numbers; pandas gives a column without a name one, and takes an empty text in
    # quotation marks for a missing one.
    finite = expected.replace([np.inf, -np.inf], np.nan).rename(columns={"Unnamed: 0": ""})
    if name == "gaps-quoted.csv":
        finite["text"] = finite["text"].fillna("")
    check(f"{name}: JSON lines", equal(pandas.DataFrame(lines, columns=list(finite.columns), dtype=object), finite))
    check(f"{name}: written", equal(pandas.read_csv(folder / "written" / name, **options), expected))


def json_lines(random):
    for name, frame in frames(random):
        if name in ("frame", "gaps"):
            frame = frame.drop(columns=["infinite", "any bits"], errors="ignore")
            text = "".join(json.dumps({k: (None if v is None or v != v else v) for k, v in row.items()}) + "\n"
                           for row in json.loads(frame.to_json(orient="records", double_precision=15)))
            yield f"{name}.jsonl", text


def check_lines(folder, name):
    lines = [json.loads(line) for line in open(folder / name)]
    expected = pandas.DataFrame(lines, dtype=object)
    expected = expected[sorted(expected.columns)]
    # Whole numbers of which some are missing are doubles.
    for column in expected.columns:
        if expected[column].isna().any() and column != "text":
            expected[column] = expected[column].astype(np.float64)
    check(f"{name}: written", equal(pandas.read_csv(folder / "written" / name, **OPTIONS), expected))


def main(action, folder):
    random = np.random.default_rng(18)
    folder = pathlib.Path(folder)
    made = [(name, write, lambda n=name, e=expected: check_picture(folder, n, e))
            for name, write, expected in pictures(random)]
    made += [(name, write, lambda n=name, s=subtype: check_sound(folder, n, s))
             for name, write, subtype in sounds(random)]
    made += [(name, write, lambda n=name: check_table(folder, n)) for name, write in tables(random)]
    made += [(name, lambda file, t=text: file.write(t.encode()), lambda n=name: check_lines(folder, n))
             for name, text in json_lines(random)]
    for name, write, check_file in made:
        if action == "write":
            with open(folder / name, "wb") as file:
                write(file)
        else:
            check_file()
    if action == "check":
        print(f"{len(made)} files, {checked} comparisons, {failures} failures")
        sys.exit(failures > 0)


main(*sys.argv[1:])
