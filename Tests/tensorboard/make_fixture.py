"""Writes a file of events by TensorBoard's own messages and records: make_fixture.py FILE

Tests/TensorBoardTests writes the same, and compares the bytes.
"""

import struct
import sys

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.summary.writer.record_writer import RecordWriter


def scalar(name, value):
    return Summary.Value(tag=name, simple_value=value)


def histogram(name, values):
    """As torch.utils.tensorboard's make_histogram, with limits up to the largest number."""
    positive = [1e-12]
    while positive[-1] * 1.1 < 1e20:
        positive.append(positive[-1] * 1.1)
    positive.append(sys.float_info.max)
    limits = np.array([-limit for limit in reversed(positive)] + [0.0] + positive)
    counts, _ = np.histogram(values, bins=limits)
    full = np.flatnonzero(counts)
    first, last = full[0], full[-1]
    proto = HistogramProto(
        min=min(values), max=max(values), num=len(values), sum=sum(values),
        sum_squares=sum(value * value for value in values),
        bucket_limit=limits[first:last + 2].tolist(),
        bucket=[0.0] + counts[first:last + 1].astype(float).tolist())
    return Summary.Value(tag=name, histo=proto)


events = [
    Event(wall_time=1.5, file_version="brain.Event:2"),
    Event(wall_time=2.5, summary=Summary(value=[scalar("loss", 0.25)])),
    Event(wall_time=3.5, step=7, summary=Summary(
        value=[scalar("train/a", -1.0), scalar("train/ä", 1e30)])),
    Event(wall_time=4.5, step=300, summary=Summary(
        value=[histogram("weights", [0.5, -2.0, 0.25, 0.25, 1e-13, 1e25, 0.0])])),
    Event(wall_time=5.5, step=1 << 40, summary=Summary(value=[scalar("loss", 3.0)])),
]
with open(sys.argv[1], "wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString(deterministic=True))
    writer.close()
