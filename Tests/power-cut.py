"""What a power cut leaves of a training, at every moment of it: Tests/power-cut.py ZOO

A short training runs under strace, which records every write, flush, link and rename. They are then done again in a model of
a file system that keeps what was flushed and may lose the rest. After each call the power is cut:

- of a file's content there is what was flushed, or half of what came after it, or all;
- of the names changed since the directory was flushed, any may have reached the disk, and any not.

Each different state is put into a folder, and the training goes on there. It must end with the bits of one that had no
power cut, as soon as a first checkpoint was on the disk; before, one sentence and status 2 will do as well.
"""

import hashlib
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile

CALLS = "openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat"
TRAINING = ["--data", "words", "--hidden-size", "4", "--embedding-size", "3", "--batch-size", "2"]
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


class File:
    def __init__(self):
        self.content, self.flushed = b"", b""


class Disk:
    """A directory as programs see it, and as it may be found after a power cut."""

    def __init__(self):
        self.seen, self.kept, self.pending, self.open = {}, {}, [], {}

    @staticmethod
    def change(names, operation):
        """Does one change of names; one whose file is not there has been overtaken by another."""
        kind, old, new, file = operation
        if kind == "make":
            names[new] = file
        elif kind == "remove":
            names.pop(old, None)
        else:
            # The entry that is written says which file it is, whatever became of the old name's own entry.
            names[new] = file
            if kind == "rename" and names.get(old) is file:
                del names[old]

    def do(self, kind, old=None, new=None, file=None):
        operation = (kind, old, new, file or self.seen.get(old))
        if operation[3] is None and kind != "remove":
            raise SystemExit(f"power cut: {kind} {old} {new}: no such file in the record")
        self.change(self.seen, operation)
        self.pending.append(operation)

    def flush_names(self):
        self.kept, self.pending = dict(self.seen), []

    def states(self):
        """Every state that a power cut may leave now: names with contents."""
        for chosen in itertools.product((False, True), repeat=len(self.pending)):
            names = dict(self.kept)
            for operation, is_done in zip(self.pending, chosen):
                if is_done:
                    self.change(names, operation)
            yield {name: file.flushed for name, file in names.items()}
            yield {name: half(file) for name, file in names.items()}
            yield {name: file.content for name, file in names.items()}


def half(file):
    if file.content.startswith(file.flushed):
        return file.content[: (len(file.flushed) + len(file.content)) // 2]
    return file.content[: len(file.content) // 2]


def record(zoo, folder):
    trace = os.path.join(folder, "trace")
    subprocess.run(
        ["strace", "-f", "-xx", "-s", "100000000", "-o", trace, "-e", "trace=" + CALLS,
         zoo, "train", "seq2seq", *TRAINING, "--epochs", "3", "--out", "run"],
        cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(trace) as file:
        for line in file:
            found = re.match(r"\d+ +(\w+)\((.*)\) += (-?\d+)", line)
            if found and int(found[3]) >= 0:
                texts = [bytes.fromhex(text.replace("\\x", "")) for text in STRING.findall(found[2])]
                yield found[1], found[2], texts, int(found[3])
            elif "unfinished" in line or "resumed" in line:
                raise SystemExit("power cut: calls of several threads are mingled in the record")


def name_in_run(text):
    folder, _, name = text.decode().rpartition("/")
    return name if os.path.basename(folder) == "run" else None


def replay(calls):
    """The states after each call, with whether a checkpoint has been promised by then."""
    disk, promised = Disk(), False
    for call, arguments, texts, answer in calls:
        number = re.match(r"(\d+)", arguments)
        number = int(number[1]) if number else None
        if call == "openat":
            disk.open.pop(answer, None)
            if texts[0] == b"run":
                disk.open[answer] = "names"
            elif (name := name_in_run(texts[0])) is not None:
                if name not in disk.seen:
                    disk.do("make", new=name, file=File())
                file = disk.seen[name]
                if "O_TRUNC" in arguments:
                    file.content = b""
                if "O_WRONLY" in arguments and "O_APPEND" not in arguments and file.content:
                    raise SystemExit("power cut: writes in the midst of a file are not modelled")
                disk.open[answer] = file
        elif call == "write" and isinstance(disk.open.get(number), File):
            disk.open[number].content += texts[0][:answer]
        elif call == "ftruncate" and isinstance(disk.open.get(number), File):
            length = int(arguments.rpartition(",")[2], 0)
            disk.open[number].content = disk.open[number].content[:length]
        elif call in ("fsync", "fdatasync") and number in disk.open:
            if disk.open[number] == "names":
                disk.flush_names()
                promised = promised or "checkpoint.safetensors" in disk.kept
            else:
                disk.open[number].flushed = disk.open[number].content
        elif call.startswith(("rename", "link")) and name_in_run(texts[0]) is not None:
            disk.do(call[:6] if call.startswith("rename") else "link", name_in_run(texts[0]), name_in_run(texts[1]))
        elif call.startswith("unlink") and name_in_run(texts[0]) is not None:
            disk.do("remove", name_in_run(texts[0]))
        else:
            continue
        for state in disk.states():
            yield state, promised


def goes_on(zoo, folder, state, whole, promised):
    """What is wrong with a state; nil if nothing is."""
    run = os.path.join(folder, "cut")
    shutil.rmtree(run, ignore_errors=True)
    os.mkdir(run)
    for name, content in state.items():
        with open(os.path.join(run, name), "wb") as file:
            file.write(content)
    result = subprocess.run(
        [zoo, "train", "seq2seq", "--resume", "cut"], cwd=folder, capture_output=True, timeout=120)
    if result.returncode == 2 and not promised:
        return None
    if result.returncode != 0:
        return f"status {result.returncode}: {result.stderr.decode(errors='replace')[-300:]}"
    for name in ("last.safetensors", "best.safetensors"):
        with open(os.path.join(run, name), "rb") as file:
            if file.read() != whole[name]:
                return f"other bits in {name}"
    return None


def main():
    zoo = os.path.abspath(sys.argv[1])
    failures, tried, first = 0, set(), 0
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "words"), "w") as file:
            file.write("cat\tK AE T\nact\tAE K T\ntact\tT AE K T\ncatta\tK AE T AH\n")
        calls = list(record(zoo, folder))
        whole = {}
        for name in ("last.safetensors", "best.safetensors"):
            with open(os.path.join(folder, "run", name), "rb") as file:
                whole[name] = file.read()
        for state, promised in replay(calls):
            # Temporary files have names that are seen by nobody but the one that removes them.
            key = hashlib.sha256(repr((sorted(state.items()), promised)).encode()).digest()
            if key in tried:
                continue
            tried.add(key)
            first += promised
            problem = goes_on(zoo, folder, state, whole, promised)
            if problem:
                failures += 1
                print(f"FAILED with {sorted((n, len(c)) for n, c in state.items())}, promised {promised}: {problem}", flush=True)
    print(f"power cut: {len(calls)} calls, {len(tried)} states, {first} of them with a checkpoint, {failures} failures")
    sys.exit(1 if failures or not first else 0)


main()
