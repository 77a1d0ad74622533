"""Runs `zoo` for a while, samples its processes each second, and says what grows: sampling.py ZOO MINUTES [SAMPLES.csv]

The first tenth of the time, at least ten seconds, is for warming up, and is not judged. Of the second half, and for each
process:

memory   the line through the samples (Theil and Sen: the median of slopes, which a few odd samples do not move) rises by
         less than 2 % of their median, or 1 MB, from the beginning of the half to its end;
files    as many are open as are at most in the first half;
threads  as many as are at most in the first half;
speed    work for each second of processor time, in tenths of the half, does not fall along such a line by more than
         10 %. Processor time, as others may use the machine, too; their traffic in caches remains in it. Only in runs of
         ten minutes or more, as words are answered some hundred at a time.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


class Trained:
    """A training; its work is the steps that its log has."""

    def __init__(self, zoo, name, arguments, folder, minutes):
        self.name, self.log = "train " + name, os.path.join(folder, name, "log.csv")
        command = [zoo, "train", name, *arguments, "--minutes", str(minutes), "--out", os.path.join(folder, name)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.errors = b""
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stderr:
            self.errors = (self.errors + line)[-600:]

    def work(self):
        try:
            with open(self.log, "rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 1000))
                rows = file.read().decode().splitlines()
            return int(rows[-1].split(",")[1])
        except (OSError, ValueError, IndexError):
            return 0

    def end(self):
        return self.process.wait()


class Applied:
    """A model that answers words as long as there are any; its work is the answers."""

    def __init__(self, zoo):
        self.name, self.answers, self.going, self.errors = "apply seq2seq", 0, True, b""
        self.process = subprocess.Popen(
            [zoo, "apply", "seq2seq"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        threading.Thread(target=self.read_errors, daemon=True).start()
        threading.Thread(target=self.ask, daemon=True).start()
        threading.Thread(target=self.read, daemon=True).start()

    def ask(self):
        words = random.Random(1)
        letters = "abcdefghijklmnopqrstuvwxyz'"
        try:
            while self.going:
                word = "".join(words.choices(letters, k=words.randint(1, 30)))
                self.process.stdin.write(word.encode() + b"\n")
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # It ended early, which is told by its status.

    def read(self):
        for _ in self.process.stdout:
            self.answers += 1

    def read_errors(self):
        for line in self.process.stderr:
            self.errors = (self.errors + line)[-600:]

    def work(self):
        return self.answers

    def end(self):
        self.going = False
        return self.process.wait()


def sample(process):
    """Memory in bytes, open files, threads, and seconds of processor time."""
    folder = f"/proc/{process.pid}"
    with open(folder + "/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    memory = int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return memory, len(os.listdir(folder + "/fd")), int(fields[17]), (int(fields[11]) + int(fields[12])) / TICKS


def slope(points):
    """The median of the slopes between points of the first and of the second half, for each unit of x."""
    half = len(points) // 2
    step = max(1, half // 200)
    slopes = [
        (q[1] - p[1]) / (q[0] - p[0])
        for p in points[:half:step]
        for q in points[half::step]
        if q[0] > p[0]
    ]
    return statistics.median(slopes) if slopes else 0.0


def judge(name, rows, seconds):
    """Prints what the samples of one process say; true where it is flat."""
    warm = [row for row in rows if row[0] >= max(10, seconds / 10)]
    middle = (warm[0][0] + warm[-1][0]) / 2
    first = [row for row in warm if row[0] < middle]
    second = [row for row in warm if row[0] >= middle]
    length = second[-1][0] - second[0][0]
    median = statistics.median(row[1] for row in second)
    growth = slope([(row[0], row[1]) for row in second]) * length
    files = max(row[2] for row in first), max(row[2] for row in second)
    threads = max(row[3] for row in first), max(row[3] for row in second)
    pieces, every = [], max(1, len(second) // 10)
    for p, q in zip(second[::every], second[every::every]):
        if q[4] > p[4]:
            pieces.append((p[0], (q[5] - p[5]) / (q[4] - p[4])))
    speed = statistics.median(piece[1] for piece in pieces)
    change = slope(pieces) * length / speed if speed > 0 else -1
    flat = {
        "memory": growth < max(0.02 * median, 1e6),
        "files": files[1] <= files[0],
        "threads": threads[1] <= threads[0],
        "speed": change > -0.1 or seconds < 600,
    }
    wrong = [what for what, is_flat in flat.items() if not is_flat]
    print(
        f"{name}: memory {median / 1e6:.1f} MB {growth / 1e6:+.2f} MB, files {files[0]} then {files[1]}, "
        f"threads {threads[0]} then {threads[1]}, {speed:.0f} units of work a processor second {100 * change:+.1f} %: "
        + ("flat" if not wrong else "NOT FLAT: " + ", ".join(wrong)),
        flush=True)
    return not wrong


def main():
    zoo, minutes = sys.argv[1], float(sys.argv[2])
    kept = open(sys.argv[3], "w") if len(sys.argv) > 3 else None
    if kept:
        kept.write("process,second,memory,files,threads,processor,work\n")
    with tempfile.TemporaryDirectory() as folder:
        words = os.path.join(folder, "words")
        with open(words, "w") as file:
            file.write("cat\tK AE T\nact\tAE K T\ntact\tT AE K T\ncatta\tK AE T AH\n" * 8)
        attention = ["--data", words, "--size", "16", "--inner-size", "16", "--heads", "2", "--batch-size", "4"]
        recurrent = ["--data", words, "--hidden-size", "16", "--embedding-size", "8", "--batch-size", "4"]
        started = [
            Trained(zoo, "transformer", attention, folder, minutes + 0.5),
            Trained(zoo, "seq2seq", recurrent, folder, minutes + 0.5),
            Applied(zoo),
        ]
        rows = {one.name: [] for one in started}
        begin = time.monotonic()
        told = begin
        while time.monotonic() - begin < 60 * minutes:
            time.sleep(1)
            for one in started:
                if one.process.poll() is not None:
                    time.sleep(0.2)
                    errors = one.errors.decode(errors="replace")
                    print(f"{one.name}: ended early, status {one.process.returncode}: {errors}")
                    for other in started:
                        other.process.kill()
                        other.process.wait()
                    sys.exit(1)
                row = (time.monotonic() - begin, *sample(one.process), one.work())
                rows[one.name].append(row)
                if kept:
                    kept.write(f"{one.name},{row[0]:.1f},{row[1]},{row[2]},{row[3]},{row[4]:.2f},{row[5]}\n")
            if time.monotonic() - told > 600:
                told = time.monotonic()
                if kept:
                    kept.flush()
                print(f"after {(told - begin) / 60:.0f} minutes:", flush=True)
                for name in rows:
                    judge(name, rows[name], told - begin)
        print(f"after {minutes:g} minutes, with {sum(len(r) for r in rows.values())} samples:")
        flat = [judge(name, rows[name], 60 * minutes) for name in rows]
        ended = [one.end() for one in started]
        if any(ended):
            print("statuses", ended)
        sys.exit(0 if all(flat) and not any(ended) else 1)


main()
