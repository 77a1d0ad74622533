"""Models of Tapestry from Python: open, apply, train and save them, over ctypes and NumPy.

    import tapestry

    model = tapestry.load("dir")
    y = model(x)                            # an array, or a named tuple of several
    said = model.beam(source, width=4)      # whatever else the model can be asked for
    loss = model.train(x, labels)           # a step of training
    model.save("dir")

`print(model)` says what inputs, outputs and targets are. Arrays are checked before a model sees them, and
what does not fit is an `Error` with a sentence. ctypes lets other threads run during a call, and any number
of them may call one model.
"""

import collections
import ctypes
import json
import os
import sys

import numpy

__all__ = ["Error", "Library", "Model", "create", "load", "pretrained"]


class Error(Exception):
    """Why something could not be done: a sentence."""


class _Tensor(ctypes.Structure):
    """`tapestry_tensor` of tapestry.h."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("type", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("data", ctypes.c_void_p),
    ]


_Tensors = ctypes.POINTER(_Tensor)
_TYPES = {1: "float32", 2: "float64", 3: "int32", 4: "int64", 5: "bool", 6: "uint8"}
_DTYPES = {number: numpy.dtype(name) for number, name in _TYPES.items()}
_NUMBERS = {dtype: number for number, dtype in _DTYPES.items()}
_HERE = os.path.dirname(os.path.abspath(__file__))


class Library:
    """A dynamic library that opens models: the zoo's, which `load` uses, or one of your own."""

    def __init__(self, path=None):
        if path is None:
            name = "libtapestry.dylib" if sys.platform == "darwin" else "libtapestry.so"
            path = os.path.join(_HERE, name)
            if not os.path.exists(path):
                # Not installed: in the repository, where it is built.
                path = os.path.join(_HERE, "..", ".build", "release", name)
        self.path = os.fspath(path)
        try:
            self._c = ctypes.CDLL(self.path)
        except OSError as error:
            raise Error(f"the library cannot be loaded: {error}") from None
        tensors, text, number = _Tensors, ctypes.c_char_p, ctypes.c_int64
        made = [ctypes.POINTER(tensors), ctypes.POINTER(ctypes.c_int32)]
        for name, result, arguments in [
            ("open", number, [text, text, ctypes.c_int32]),
            ("create", number, [text, text, ctypes.c_uint64, ctypes.c_int32]),
            ("close", ctypes.c_int32, [number]),
            ("describe", number, [number, text, number]),
            ("call", number, [number, text, tensors, ctypes.c_int32] + made),
            ("weights", number, [number] + made),
            ("release", ctypes.c_int32, [number]),
            (
                "set_optimizer",
                ctypes.c_int32,
                [number, text, ctypes.c_double, ctypes.c_double, ctypes.c_double, ctypes.c_uint64],
            ),
            ("set_rate", ctypes.c_int32, [number, ctypes.c_double]),
            (
                "train",
                ctypes.c_int32,
                [number, tensors, ctypes.c_int32, ctypes.POINTER(ctypes.c_double)],
            ),
            ("save", ctypes.c_int32, [number, text]),
            ("error", number, [text, number]),
        ]:
            try:
                function = getattr(self._c, "tapestry_" + name)
            except AttributeError:
                raise Error(f"{path} is no library of Tapestry: it has no tapestry_{name}") from None
            function.restype, function.argtypes = result, arguments
            setattr(self, "_" + name, function)

    def load(self, path, kind=None, dtype="float32"):
        """Opens a model.

        path: a folder with config.json and model.safetensors, or a file of weights.
        kind: which model it is, where the file does not say.
        dtype: in which the model computes, float32 or float64.
        """
        scalar = _NUMBERS.get(numpy.dtype(dtype), 0)
        handle = self._open(
            os.fsencode(path), None if kind is None else kind.encode(), scalar
        )
        if handle == 0:
            raise self._failure()
        return Model(self, handle)

    def create(self, kind, configuration, seed=0, dtype="float32"):
        """Makes a model with fresh weights.

        kind: which model.
        configuration: a dictionary of all its sizes and options, as `Model.configuration` gives them.
        seed: of the random numbers.
        dtype: in which the model computes, float32 or float64.
        """
        scalar = _NUMBERS.get(numpy.dtype(dtype), 0)
        handle = self._create(kind.encode(), json.dumps(configuration).encode(), seed, scalar)
        if handle == 0:
            raise self._failure()
        return Model(self, handle)

    def _failure(self):
        return Error(self._text(self._error))

    def _text(self, function, *arguments):
        size = 4096
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = function(*arguments, buffer, size)
            if length < 0:
                raise self._failure()
            if length < size:
                return buffer.value.decode()
            size = length + 1

    def _taken(self, result, tensors, count):
        """The names and arrays of a result, in memory of NumPy's."""
        if result == 0:
            raise self._failure()
        try:
            made = []
            for index in range(count.value):
                tensor = tensors[index]
                array = numpy.empty(tensor.shape[: tensor.rank], _DTYPES[tensor.type])
                if array.size:
                    place = ctypes.byref(ctypes.c_char.from_buffer(array))
                    ctypes.memmove(place, tensor.data, array.nbytes)
                made.append((tensor.name, array))
            return made
        finally:
            self._release(result)


class Function:
    """What a model can be asked for. `inputs` and `outputs` say which arrays."""

    def __init__(self, model, description):
        self._model = model
        self.name = description["name"]
        self.inputs = description["inputs"]
        self.outputs = description["outputs"]
        self._c_name = self.name.encode()
        names = [output["name"] for output in self.outputs]
        self._result = collections.namedtuple(self.name.capitalize(), names)

    def __call__(self, *arguments, **named):
        """Arrays in the order of `inputs`, or by their names; optional ones may be None.

        Gives the array of the output, or a named tuple of several.
        """
        model = self._model
        given = _bound(arguments, named, self.inputs, self.name)
        tensors, keep = _tensors(given, self.inputs)
        made, count = _Tensors(), ctypes.c_int32()
        library = model._library
        result = library._call(
            model._open_handle(), self._c_name, tensors, len(given), made, count
        )
        arrays = [array for name, array in library._taken(result, made, count)]
        return arrays[0] if len(arrays) == 1 else self._result(*arrays)

    def __repr__(self):
        return f"{self.name}({_listed(self.inputs)}) -> {_listed(self.outputs)}"


class Model:
    """An open model. Its functions are its attributes; a call of the model is the first of them."""

    def __init__(self, library, handle):
        self._library = library
        self._handle = handle
        self._optimizer = None
        described = json.loads(library._text(library._describe, handle))
        self.kind = described["kind"]
        self.dtype = numpy.dtype(described["scalar"])
        self.parameter_count = described["parameters"]
        self.configuration = json.loads(described["configuration"])
        self.metadata = described["metadata"]
        self.optimizers = described["optimizers"]
        self.loss = described.get("loss")
        self.functions = {f["name"]: Function(self, f) for f in described["functions"]}
        self._first = next(iter(self.functions.values()))

    def __call__(self, *arguments, **named):
        return self._first(*arguments, **named)

    def __getattr__(self, name):
        functions = self.__dict__.get("functions", {})
        if name in functions:
            return functions[name]
        raise AttributeError(f"'{name}' is no function of the model; there are {list(functions)}")

    def __repr__(self):
        lines = [f"{self.kind} ({self.dtype}, {self.parameter_count} parameters)"]
        lines += [f"  {function}" for function in self.functions.values()]
        if self.loss:
            lines.append(f"  train({_listed(self.loss['inputs'])}; {_listed(self.loss['targets'])})")
        return "\n".join(lines)

    # Training

    def set_optimizer(self, name="adam", rate=1e-3, weight_decay=None, clip=None, seed=0):
        """Begins training anew.

        name: one of `optimizers`.
        rate: the learning rate; `set_rate` changes it later.
        weight_decay: the optimizer's own if None.
        clip: the norm that gradients are clipped to; None leaves them.
        seed: of what dropout draws from.
        """
        status = self._library._set_optimizer(
            self._open_handle(),
            name.encode(),
            rate,
            -1.0 if weight_decay is None else _not_negative(weight_decay, "weight_decay"),
            0.0 if clip is None else _not_zero(clip, "clip"),
            seed,
        )
        if status != 0:
            raise self._library._failure()
        self._optimizer = name

    def set_rate(self, rate):
        """Changes the learning rate, as a schedule does; the optimizer goes on."""
        if self._library._set_rate(self._open_handle(), rate) != 0:
            raise self._library._failure()

    def train(self, inputs, targets):
        """One step; gives the loss before it. Adam at 1e-3, unless `set_optimizer` says otherwise.

        inputs, targets: an array, a tuple of several in the order of the loss's description, or a
        dictionary by name.
        """
        handle = self._open_handle()
        if self.loss is None:
            raise Error(f"{self.kind} has no loss: it is only applied")
        if self._optimizer is None:
            self.set_optimizer()
        given = _several(inputs, self.loss["inputs"], "inputs")
        given.update(_several(targets, self.loss["targets"], "targets"))
        tensors, keep = _tensors(given, self.loss["inputs"] + self.loss["targets"])
        loss = ctypes.c_double()
        if self._library._train(handle, tensors, len(given), loss) != 0:
            raise self._library._failure()
        return loss.value

    def weights(self):
        """All parameters by their names, as they are now."""
        tensors, count = _Tensors(), ctypes.c_int32()
        result = self._library._weights(self._open_handle(), tensors, count)
        arrays = self._library._taken(result, tensors, count)
        return {name.decode(): array for name, array in arrays}

    def save(self, path):
        """Writes weights and configuration into a folder, or into a file that ends in .safetensors."""
        if self._library._save(self._open_handle(), os.fsencode(path)) != 0:
            raise self._library._failure()

    # Closing

    def close(self):
        """Closes the model. Doing so twice is an error, as is using it afterwards."""
        handle = self._open_handle()
        self._handle = None
        if self._library._close(handle) != 0:
            raise self._library._failure()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self._handle is not None:
            self.close()

    def __del__(self):
        # At the interpreter's end the library may have gone before.
        if getattr(self, "_handle", None) is not None and self._library._close is not None:
            self._library._close(self._handle)

    def _open_handle(self):
        if self._handle is None:
            raise Error("the model has been closed")
        return self._handle


def _bound(arguments, named, descriptions, what):
    """Arguments by name, in the order of their descriptions; those that are None are left out."""
    if len(arguments) > len(descriptions):
        names = ", ".join(d["name"] for d in descriptions)
        raise Error(f"{what} takes {names}, and was given {len(arguments)} arrays")
    given = {d["name"]: value for d, value in zip(descriptions, arguments)}
    for name, value in named.items():
        if name in given:
            raise Error(f"{what} was given '{name}' twice")
        given[name] = value
    return {name: value for name, value in given.items() if value is not None}


def _several(values, descriptions, what):
    """Inputs or targets as one array, a tuple of them, or a dictionary."""
    if isinstance(values, dict):
        return _bound((), values, descriptions, what)
    if isinstance(values, tuple):
        return _bound(values, {}, descriptions, what)
    return _bound((values,), {}, descriptions, what)


def _tensors(given, descriptions):
    """C's description of arrays, and what has to live as long as it is used."""
    tensors, keep = (_Tensor * len(given))(), []
    for tensor, (name, value) in zip(tensors, given.items()):
        array = numpy.asarray(value)
        if not (array.flags.c_contiguous and array.flags.aligned):
            array = array.copy(order="C")
        number = _NUMBERS.get(array.dtype)
        if number is None:
            raise Error(
                f"'{name}' is {array.dtype} {list(array.shape)}; "
                f"{_wanted(name, descriptions)} is expected"
            )
        if array.ndim > 8:
            raise Error(f"'{name}' has {array.ndim} axes; {_wanted(name, descriptions)} is expected")
        shape = (ctypes.c_int64 * array.ndim)(*array.shape)
        tensor.name, tensor.type, tensor.rank = name.encode(), number, array.ndim
        tensor.shape, tensor.data = shape, array.ctypes.data
        keep += [array, shape]
    return tensors, keep


def _wanted(name, descriptions):
    for description in descriptions:
        if description["name"] == name:
            return _shown(description)
    return "another type"


def _shown(description):
    elements = description["elements"]
    if description.get("range"):
        first, end = description["range"]
        elements = f"{first}..{end - 1}"
    optional = "?" if description["isOptional"] else ""
    return f"{description['name']}{optional}: {elements} [{', '.join(description['axes'])}]"


def _listed(descriptions):
    return ", ".join(_shown(description) for description in descriptions)


def _not_negative(number, name):
    if number < 0:
        raise Error(f"{name} is {number}; at least 0 is expected")
    return number


def _not_zero(number, name):
    if number == 0:
        raise Error(f"{name} is 0; a number above it is expected, or None")
    return number


_library = None


def _default():
    global _library
    if _library is None:
        _library = Library()
    return _library


def load(path, kind=None, dtype="float32"):
    """Opens a model of the zoo; see `Library.load`."""
    return _default().load(path, kind, dtype)


def create(kind, configuration, seed=0, dtype="float32"):
    """Makes a model of the zoo with fresh weights; see `Library.create`."""
    return _default().create(kind, configuration, seed, dtype)


def pretrained(name, dtype="float32"):
    """Opens a model whose trained weights came with the package: attention-rnn, captioner, forecaster,
    seq2seq or tagger."""
    folder = os.path.join(_HERE, "weights")
    if not os.path.isdir(folder):
        # Not installed: in the repository.
        folder = os.path.join(_HERE, "../Sources/Zoo/Pretrained/Resources/Weights")
    path = os.path.join(folder, name + ".safetensors")
    if not os.path.exists(path):
        suffix = ".safetensors"
        names = [f[: -len(suffix)] for f in sorted(os.listdir(folder)) if f.endswith(suffix)]
        raise Error(f"no weights are called '{name}'; there are {', '.join(names)}")
    return load(path, None, dtype)
