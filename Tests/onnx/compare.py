"""Runs what `onnx-cases` has written in ONNX Runtime, and compares with what Tapestry has computed.

    compare.py FOLDER

A case is a folder: `model.onnx`, or `model.encoder.onnx` and `model.step.onnx`, and a run for each size
of batch and time: `0.npz`, `1.npz`. Arrays of a run are called by what they are: `input.NAME` for the
model or encoder, `each.NAME` for every step, `steps.NAME` with the steps on the second axis, and
`output.NAME`, of the steps with those on the second axis too.

Of every output the largest deviation must be at most 1e-6 of its largest absolute value, 1e-12 in
double precision; whole numbers and truth values must be equal. Trained weights (`shipped-*`) may be
3e-6 off: their scores are so large that single precision keeps no more of the weights of attention. Of
`shipped-seq2seq` ONNX Runtime's are 1.5e-6 and Tapestry's 0.8e-6 from those of double precision.
"""

import pathlib
import sys

import numpy
import onnx
import onnxruntime

TOLERANCE = {"float32": 1e-6, "float64": 1e-12}
TRAINED_TOLERANCE = 3e-6


def session(path):
    onnx.checker.check_model(str(path), full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(model, values):
    names = {value.name for value in model.get_inputs()}
    results = model.run(None, {name: value for name, value in values.items() if name in names})
    return dict(zip([value.name for value in model.get_outputs()], results))


def part(arrays, prefix):
    start = len(prefix) + 1
    return {name[start:]: value for name, value in arrays.items() if name.startswith(prefix + ".")}


def outputs(models, arrays):
    if "step" not in models:
        # A step by itself has its state among its inputs.
        return run(models["model"], part(arrays, "input"))
    given = run(models["encoder"], part(arrays, "input"))
    steps, each = part(arrays, "steps"), part(arrays, "each")
    made = []
    state = given
    for number in range(next(iter(steps.values())).shape[1]):
        now = {name: value[:, number] for name, value in steps.items()}
        result = run(models["step"], {**given, **state, **each, **now})
        state = {"state" + name[4:]: value for name, value in result.items() if name.startswith("next.")}
        made.append(result)
    kept = [name for name in made[0] if not name.startswith("next.")]
    return {**given, **{name: numpy.stack([step[name] for step in made], axis=1) for name in kept}}


def deviation(found, expected):
    """The largest deviation as a share of the largest absolute value."""
    if found.shape != expected.shape:
        raise ValueError(f"shape {found.shape}, not {expected.shape}")
    if expected.dtype.kind != "f":
        return 0.0 if numpy.array_equal(found, expected) else numpy.inf
    if found.dtype != expected.dtype:
        raise ValueError(f"type {found.dtype}, not {expected.dtype}")
    if expected.size == 0:
        return 0.0
    if not numpy.isfinite(found).all():
        return numpy.inf
    difference = numpy.abs(found.astype("float64") - expected).max()
    return float(difference / numpy.abs(expected).max())


def main(folder):
    misses = []
    print(f"{'case':<44}{'nodes':>7}{'runs':>6}{'outputs':>9}  largest deviation")
    cases = sorted(path.parent for path in pathlib.Path(folder).glob("*/0.npz"))
    for case in cases:
        try:
            files = sorted(case.glob("*.onnx"))
            parts = [path.name.split(".")[1] for path in files]
            models = {"model" if name == "onnx" else name: session(path) for name, path in zip(parts, files)}
            runs = sorted(case.glob("*.npz"))
            worst, compared = (0.0, ""), 0
            for file in runs:
                arrays = dict(numpy.load(file))
                found = outputs(models, arrays)
                for name, expected in part(arrays, "output").items():
                    own = deviation(found[name], expected)
                    tolerance = TOLERANCE.get(expected.dtype.name, 0)
                    if case.name.startswith("shipped-"):
                        tolerance = max(tolerance, TRAINED_TOLERANCE)
                    if not own <= tolerance:
                        misses.append(f"{case.name}: {name} of run {file.stem} is off by {own:.2e}")
                    if own >= worst[0]:
                        worst = (own, name)
                    compared += 1
            nodes = sum(len(onnx.load(str(path)).graph.node) for path in files)
            if compared == 0:
                misses.append(f"{case.name}: no outputs were compared")
            print(f"{case.name:<44}{nodes:>7}{len(runs):>6}{compared:>9}  {worst[0]:.1e} {worst[1]}")
        except Exception as error:
            misses.append(f"{case.name}: {error}")
            print(f"{case.name:<44}  failed")
    for miss in misses:
        print(miss, file=sys.stderr)
    print(f"{len(cases)} cases, {len(misses)} misses")
    return 1 if misses or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
