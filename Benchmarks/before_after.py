#!/usr/bin/env python3
"""Measures two builds of `bench` turn by turn on this machine: what a change costs or gains.

usage: before_after.py BEFORE [AFTER] [--filter TEXT] [--threads N] [--rounds N] [--seconds S]
                       [--limit SHARE] [--json FILE]
BEFORE and AFTER are executables; AFTER is .build/release/bench unless it is named.

Each workload that both have runs in turn, `rounds` times, each `seconds` long. A side's time is the
least of its rounds' medians: what another program takes is never negative. A row that is slower by
more than LIMIT (0.03) is measured anew in fresh processes, up to three times, and counts as slower
only if it was each time; the exit status is then 1.
"""
import argparse
import json
import os
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "peers"))
import sides

parser = argparse.ArgumentParser(usage=__doc__)
parser.add_argument("before")
parser.add_argument("after", nargs="?", default=sides.BENCH)
parser.add_argument("--filter", default="")
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--seconds", type=float, default=0.2)
parser.add_argument("--limit", type=float, default=0.03)
parser.add_argument("--json")
options = parser.parse_args()

environment = os.environ | {"TAPESTRY_THREADS": str(options.threads)}
both = [sides.Side([path, "--serve"], environment) for path in (options.before, options.after)]


def measure(title):
    """The least median of either side."""
    times = [[], []]
    for side in both:
        side.restart()
    for number in range(options.rounds):
        # Who is first changes, so that neither always follows the other.
        for which in (0, 1) if number % 2 == 0 else (1, 0):
            answer = both[which].ask(ask="time", title=title, seconds=options.seconds)
            times[which].append(answer["seconds"])
    return min(times[0]), min(times[1])


for side in both:
    side.restart()
known = [side.ask(ask="machine")["titles"] for side in both]
titles = [title for title in known[1] if title in known[0] and options.filter in title]
if not titles:
    sys.exit(f'no workload that both have contains "{options.filter}"')
rows, slower = [], []
for title in titles:
    for attempt in range(3):
        before, after = measure(title)
        ratio = after / before
        if ratio <= 1 + options.limit:
            break
    else:
        slower.append(title)
    rows.append({"title": title, "before": before, "after": after, "ratio": ratio})
    again = f"  (measured {attempt + 1} times)" if attempt else ""
    print(f"{title:32} {before * 1e6:12.2f} us {after * 1e6:12.2f} us  {ratio:.3f}{again}", flush=True)
mean = statistics.geometric_mean(row["ratio"] for row in rows)
print(f"{len(rows)} workloads, geometric mean {mean:.3f}; slower: {', '.join(slower) or 'none'}")
if options.json:
    pathlib.Path(options.json).write_text(json.dumps(rows, indent=1))
sys.exit(bool(slower))
