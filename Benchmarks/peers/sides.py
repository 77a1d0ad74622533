"""The systems that are compared: `bench`, PyTorch, JAX and ONNX Runtime, each in a process of its own."""
import json
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = str(ROOT / ".build/release/bench")
PEERS = str(ROOT / "Benchmarks/peers/peers.py")
NAMES = {"torch": "PyTorch", "torch.compile": "torch.compile", "jax": "JAX", "onnxruntime": "ONNX Runtime"}


class Side:
    """A process that answers requests, one at a time: while one side runs, the others wait."""

    def __init__(self, command, environment):
        self.command, self.environment = command, environment
        self.process = None

    def restart(self):
        """Goes on in a new process: none inherits memory that another workload has left in the heap,
        where PyTorch finds room for large results or does not, ten times the time apart."""
        if self.process:
            self.process.stdin.close()
            self.process.wait()
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=self.environment,
        )

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args} ended during {request}")
        answer = json.loads(line)
        if "error" in answer and isinstance(answer["error"], str):
            raise RuntimeError(answer["error"])
        return answer

    def fresh(self, command):
        """Standard output of a new process, and how long it took from start to end."""
        start = time.perf_counter()
        done = subprocess.run(
            command, env=self.environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout, time.perf_counter() - start


class Ours(Side):
    def __init__(self, threads, environment):
        environment = environment | {"TAPESTRY_THREADS": str(threads)}
        super().__init__([BENCH, "--serve"], environment)

    def memory(self, file, title):
        return int(self.fresh([BENCH, "--memory", title])[0])

    def startup(self, file, title):
        return self.fresh([BENCH, "--once", title])[1]


class Peer(Side):
    def __init__(self, system, python, threads, environment):
        self.base = [python, PEERS, system, "--threads", str(threads)]
        super().__init__(self.base + ["--serve"], environment)

    def memory(self, file, title):
        return int(self.fresh(self.base + ["--memory", file, title])[0])

    def startup(self, file, title):
        return self.fresh(self.base + ["--once", file, title])[1]
