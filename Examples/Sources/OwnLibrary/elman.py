"""Trains the model of Elman.swift: python elman.py LIBRARY"""

import sys

import numpy as np

import tapestry

model = tapestry.Library(sys.argv[1]).create("elman", {"inputs": 2, "hidden": 16, "classes": 2}, seed=1)
random = np.random.default_rng(1)
x = random.standard_normal((64, 8, 2), dtype=np.float32)
labels = (x[:, -1, 0] > x[:, -2, 1]).astype(np.int32)
model.set_optimizer("adam", rate=1e-2)
losses = [model.train(x, labels) for step in range(200)]
print(f"elman: loss {losses[0]:.2f} to {losses[-1]:.2f}", losses[-1] < 0.1)
