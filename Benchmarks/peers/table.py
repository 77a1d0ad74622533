"""The table in Markdown that compare.py writes."""
import math
import os

import sides

MODELS = ("simple_rnn", "rnn_attention", "gru", "lstm", "bahdanau", "transformer", "sentence_encoder")


def is_train_step(title):
    return title.split()[0].removesuffix("_long") in MODELS


def time(seconds):
    for unit, scale in (("ns", 1e9), ("us", 1e6), ("ms", 1e3)):
        if seconds * scale < 999.5:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds:.3g} s"


def megabytes(count):
    return f"{count / 1e6:.3g} MB"


def ratio(row):
    """The fastest peer's time over ours; None without a peer."""
    others = [side["seconds"] for name, side in row["sides"].items() if name != "ours"]
    return min(others) / row["sides"]["ours"]["seconds"] if others else None


def bound(row, machine):
    """The least seconds that the workload can take; 0 where nothing is known."""
    rates = machine["machine"]
    return max(
        row.get("operations", 0) / rates["peakOfAll"], row.get("bytes", 0) / rates["bandwidth"]
    )


def cells(row, machine, peers):
    found, fraction = row["sides"], ratio(row)
    texts = [row["title"], time(found["ours"]["seconds"])]
    texts += [time(found[p]["seconds"]) if p in found else "" for p in peers]
    texts.append(f"{fraction:.2f}" if fraction else "")
    share = bound(row, machine) / found["ours"]["seconds"]
    texts.append(f"{share:.0%}" if share else "")
    errors = [side["error"] for side in found.values() if "error" in side]
    texts.append("; ".join(row["failures"]) or (f"{max(errors):.0e}" if errors else ""))
    return texts


def line(row, machine, peers):
    return "| " + " | ".join(cells(row, machine, peers)) + " |"


def rows_of(header, lines):
    return ["| " + " | ".join(header) + " |", "|---" * len(header) + "|", *lines, ""]


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def processor():
    lines = open("/proc/cpuinfo")
    return next(l.split(":")[1].strip() for l in lines if l.startswith("model name"))


def conditions(machine, versions, options):
    rates = machine["machine"]
    names = ", ".join(f"{sides.NAMES[n]} {v}" for n, v in versions.items())
    return (
        f"{processor()}, {os.cpu_count()} processors, {options.threads} threads, "
        f"{machine['instructionSet']}; measured multiply-add peak {rates['peak'] / 1e9:.0f} GFLOP/s on "
        f"one thread, {rates['peakOfAll'] / 1e9:.0f} on all, memory {rates['bandwidth'] / 1e9:.0f} GB/s. "
        f"{names}. Medians of {options.rounds} rounds turn by turn, {options.seconds} s each; load "
        f"average {os.getloadavg()[1]:.1f}, which on a quiet machine is at most {options.threads}."
    )


def report(machine, versions, options, rows, memories, tolerance):
    peers = options.peers.split(",")
    header = ["workload", "ours", *(sides.NAMES[p] for p in peers)]
    lines = [conditions(machine, versions, options), ""]
    lines += rows_of(
        header + ["fastest peer / ours", "share of bound", "results differ by"],
        [line(row, machine, peers) for row in rows],
    )
    models = [ratio(r) for r in rows if r["title"].split()[0] in MODELS and ratio(r)]
    if models:
        lines.append(f"Geometric mean of the {len(models)} model rows: {geometric_mean(models):.2f}.")
    products = [ratio(r) for r in rows if r["title"].startswith("gemm") and ratio(r)]
    if products:
        lines.append(f"Of the {len(products)} matrix products: {geometric_mean(products):.2f}.")
    lines.append(f"Results may differ by {tolerance:.0e} (norm of the difference, worst tensor).")
    lines.append("")
    if memories:
        measured = ["ours"] + [p for p in peers if p in memories[0]]
        lines += ["Peak resident memory of a train step, beyond weights and inputs:", ""]
        lines += rows_of(
            ["workload", *(sides.NAMES.get(m, m) for m in measured), "least peer / ours"],
            [memory_line(row, measured) for row in memories],
        )
    lines += compilation(rows)
    return "\n".join(lines)


def memory_line(row, measured):
    others = [row[m] for m in measured if m != "ours"]
    texts = [row["title"], *(megabytes(row[m]) for m in measured)]
    texts.append(f"{min(others) / max(row['ours'], 1):.2f}" if others else "")
    return "| " + " | ".join(texts) + " |"


def compilation(rows):
    """How long the compilers took, and what torch.compile made of each model."""
    lines = []
    for row in rows:
        made = {n: side["make_seconds"] for n, side in row["sides"].items() if "make_seconds" in side}
        remark = row["sides"].get("torch.compile", {}).get("remark", "")
        if remark:
            took = ", ".join(f"{sides.NAMES[n]} {s:.1f} s" for n, s in made.items() if n != "torch")
            lines.append(f"- {row['title']}: {took}; {remark}")
    return ["Time to compile and to run once:", "", *lines, ""] if lines else []
