"""What a step of a training on many ranks takes, on paper: the table of the article SeveralRanks.

    python3 Benchmarks/ranks/model.py [--weights N] [--seconds S]

A step of one rank alone takes `seconds`: a third of it forward, the rest back. Gradients are summed up in buckets of 4
megabytes. A bucket is ready when the backward pass has come so far; then it is sent when those before it are: each rank sends
and gets (n - 1) / n of its bytes twice, as in a ring, and a message to each other rank. What is left when the backward pass
is over is waited for. In bfloat16 bytes are half, and each number is rounded and read once more. Ranks of unequal speed,
and a network that others use, are not in it. compare.py holds the same sums against two ranks on this machine.
"""

import argparse
import math

bucket = 4 << 20
# Bytes a second; seconds until a message is there; seconds that a processor spends with a message.
networks = {"10 Gbit/s": (1.25e9, 30e-6, 2e-6), "100 Gbit/s": (12.5e9, 3e-6, 0.5e-6)}
# Bytes of Float a second that a core rounds and reads once more.
rounding = 4e9


def buckets(count):
    """Bytes of each bucket of a model with so many weights."""
    whole, rest = divmod(4 * count, bucket)
    return [bucket] * whole + [rest] * (rest > 0)


def exchange(size, ranks, network, is_half=False):
    """Seconds until a bucket's sum is everywhere."""
    bandwidth, latency, message = network
    sent = size / 2 if is_half else size
    seconds = 2 * (ranks - 1) / ranks * sent / bandwidth + 2 * latency + 2 * (ranks - 1) * message
    return seconds + (size / rounding if is_half else 0)


def step(count, seconds, ranks, network, overlaps=True, is_half=False):
    """Seconds of a step."""
    # The loss, and whether all are well, before the way back.
    meeting = 2 * math.ceil(math.log2(ranks)) * network[1]
    begin = seconds / 3 + meeting
    back = seconds - seconds / 3
    done, end = 0, 0
    for size in buckets(count):
        done += size
        ready = begin + back * (done / (4 * count) if overlaps else 1)
        end = max(ready, end) + exchange(size, ranks, network, is_half)
    return max(end, begin + back)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--weights", type=int, default=5_987_584)
    arguments.add_argument("--seconds", type=float, default=0.040)
    given = arguments.parse_args()
    print(f"{given.weights} weights, {1e3 * given.seconds:.0f} ms a step alone; milliseconds, and the share of n times the speed")
    print("| network | ranks | after the backward pass | while it goes on | in bfloat16 |\n|---|---|---|---|---|")
    for name, network in networks.items():
        for ranks in (8, 64, 512):
            cells = [
                step(given.weights, given.seconds, ranks, network, overlaps, half)
                for overlaps, half in ((False, False), (True, False), (True, True))
            ]
            texts = [f"{1e3 * cell:.1f} ({100 * given.seconds / cell:.0f} %)" for cell in cells]
            print(f"| {name} | {ranks} | " + " | ".join(texts) + " |")


if __name__ == "__main__":
    main()
