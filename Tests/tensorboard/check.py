"""Reads a run's events with TensorBoard's own reader and compares them with its logs, and a picture of
attention: check.py RUN PICTURES"""

import csv
import io
import json
import sys

import numpy as np
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

folder = sys.argv[1]
reader = EventAccumulator(folder, size_guidance={"scalars": 0, "histograms": 0, "images": 0})
reader.Reload()
tags = reader.Tags()


def check(condition, sentence):
    if not condition:
        sys.exit(f"FAILED: {sentence}")


with open(f"{folder}/steps.csv") as file:
    steps = list(csv.DictReader(file))
with open(f"{folder}/log.jsonl") as file:
    evaluations = [json.loads(line) for line in file]

for name in ["loss", "learning_rate", "gradient_norm"]:
    points = reader.Scalars(f"train/{name}")
    check(len(points) == len(steps), f"{len(points)} points of {name} for {len(steps)} steps")
    for point, row in zip(points, steps):
        check(point.step == int(row["step"]), f"step {point.step} where {row['step']} was due")
        check(np.float32(point.value) == np.float32(float(row[name])), f"{name}: {point} {row}")
for name in ["examples_per_second", "resident_bytes", "epoch_loss"]:
    check(all(point.value > 0 for point in reader.Scalars(f"train/{name}")), name)
metrics = [name for name in evaluations[0] if f"evaluation/{name}" in tags["scalars"]]
check(metrics, "no metric")
for name in metrics:
    points = reader.Scalars(f"evaluation/{name}")
    found = [(point.step, np.float32(point.value)) for point in points]
    due = [(row["step"], np.float32(row[name])) for row in evaluations]
    check(found == due, f"{name}: found {found}, expected {due}")

parameters = [tag for tag in tags["histograms"] if tag.startswith("parameters/")]
gradients = [tag for tag in tags["histograms"] if tag.startswith("gradients/")]
check(len(parameters) >= len(gradients) > 0, f"histograms: {tags['histograms']}")
for tag in tags["histograms"]:
    steps_seen = [event.step for event in reader.Histograms(tag)]
    check(steps_seen == [s for s in range(100, len(steps) + 1, 100)], f"{tag}: {steps_seen}")
    for event in reader.Histograms(tag):
        value = event.histogram_value
        check(value.num == sum(value.bucket) and value.min <= value.max, f"{tag}: {value}")
        check(value.bucket_limit == sorted(value.bucket_limit), f"{tag}: {value}")
reader = EventAccumulator(sys.argv[2])
reader.Reload()
picture = reader.Images("attention")[0]
pixels = np.array(Image.open(io.BytesIO(picture.encoded_image_string)))
check(pixels.shape == (picture.height, picture.width) == (32, 48), f"a picture of {pixels.shape}")
found = pixels[8::16, 8::16]
due = 255 - 255 * np.array([[0.9, 0.1, 0], [0, 0.25, 0.75]])
check(np.abs(found - due).max() < 1, f"shades {found}, expected {due}")
print(
    f"TensorBoard reads {len(tags['scalars'])} lines over {len(steps)} steps and "
    f"{len(tags['histograms'])} histograms; those of loss, rate, norm and metrics are the logs', "
    f"and a picture of attention of {picture.width} x {picture.height} pixels")
