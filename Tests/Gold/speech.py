"""Features of a sound, by NumPy's FFT in double precision.

    python3 Tests/Gold/speech.py        # writes LogMel.safetensors beside this file

Written from the formulas, independently of the library: the sound is a chirp with two overtones, some
noise, and silence at its end. `log.RATE` are the logarithms of the energies before, and `output.RATE`
the features after normalisation.
"""

import json
import pathlib
import struct

import numpy

HERE = pathlib.Path(__file__).parent
BANDS, LOW, HIGH, RANGE = 40, 60.0, 7600.0, 60.0


def sound(rate, generator):
    time = numpy.arange(int(0.15 * rate)) / rate
    phase = 2 * numpy.pi * (200 * time + 2000 * time ** 2)
    wave = numpy.sin(phase) + 0.3 * numpy.sin(2.1 * phase) + 0.1 * numpy.sin(9 * phase)
    wave = wave * 0.3 + generator.normal(0, 0.01, len(time))
    wave[time > 0.11] = 0
    return wave.astype(numpy.float32)


def mel(hertz):
    return 2595 * numpy.log10(1 + hertz / 700)


def hertz(mel):
    return 700 * (10 ** (mel / 2595) - 1)


def triangles(frequencies):
    """Each rises from the middle of its left neighbour and falls to that of its right one."""
    points = numpy.linspace(mel(LOW), mel(HIGH), BANDS + 2)
    assert numpy.allclose(mel(hertz(points)), points)
    at = mel(frequencies)
    columns = []
    for left, middle, right in zip(points, points[1:], points[2:]):
        columns.append(numpy.interp(at, [left, middle, right], [0, 1, 0], left=0, right=0))
    return numpy.stack(columns, axis=1)


def features(samples, rate):
    # Halves are rounded up, unlike by `round`: 22,050 samples a second have a hop of 221.
    length, hop = int(0.025 * rate + 0.5), int(0.010 * rate + 0.5)
    size = 1 << (length - 1).bit_length()
    window = numpy.hanning(length + 1)[:-1]
    starts = range(0, len(samples) - length + 1, hop)
    frames = numpy.stack([samples[start:start + length] for start in starts]) * window
    power = numpy.abs(numpy.fft.rfft(frames, size)) ** 2
    energies = power @ triangles(numpy.fft.rfftfreq(size, 1 / rate))
    logarithms = numpy.log(numpy.maximum(energies, energies.max() * 10 ** (-RANGE / 10)))
    centered = logarithms - logarithms.mean(axis=0)
    deviation = numpy.sqrt((centered ** 2).mean(axis=0))
    return logarithms, centered / numpy.maximum(deviation, 1e-3)


def main():
    generator = numpy.random.default_rng(1)
    tensors = {}
    for rate in [16_000, 22_050]:
        samples = sound(rate, generator)
        tensors[f"input.{rate}"] = samples
        logarithms, output = features(samples.astype(float), rate)
        tensors[f"log.{rate}"], tensors[f"output.{rate}"] = logarithms, output
    header, data = {"__metadata__": {"numpy": numpy.__version__}}, b""
    for key in sorted(tensors):
        tensor = numpy.ascontiguousarray(tensors[key])
        part = tensor.tobytes()
        header[key] = {
            "dtype": {"float32": "F32", "float64": "F64"}[tensor.dtype.name],
            "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (HERE / "LogMel.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__":
    main()
