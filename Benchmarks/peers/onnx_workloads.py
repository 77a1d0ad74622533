"""The workloads of `bench` that ONNX Runtime has: models without training, exported by PyTorch."""
import tempfile

import onnxruntime
import torch

import torch_workloads

VERSION = onnxruntime.__version__
MODELS = ("sentence_encoder",)
threads = 1


def set_up(count):
    global threads
    threads = count


def session(model, arguments):
    """The model as a graph, with every optimization of ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # What PyTorch would run in place of the layers is no operation of a graph.
    torch.backends.mha.set_fastpath_enabled(False)
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/model.onnx"
        torch.onnx.export(model, tuple(arguments), path, dynamo=True, external_data=False, verbose=False)
        return onnxruntime.InferenceSession(path, options)


def make(name, weights, inputs, results, compiled):
    """What to run, and a function that gives its results by our names; None if there is no such."""
    model = name.removesuffix("_inference")
    if model not in MODELS or model == name:
        return None
    made = torch_workloads.model(model, weights).eval()
    arguments = [torch.from_numpy(inputs[n]) for n in torch_workloads.ARGUMENTS[model]]
    arguments = [a.long() if a.dtype == torch.int32 else a for a in arguments]
    ready = session(made, arguments)
    feed = {i.name: a.numpy() for i, a in zip(ready.get_inputs(), arguments)}
    step = lambda: ready.run(None, feed)[0]
    return step, lambda: {"output": step()}
