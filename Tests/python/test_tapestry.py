"""What Python gets is what Swift has written, bit by bit; and what cannot be done is a sentence.

    python test_tapestry.py CASES       the folder that `python-cases` has written
"""

import concurrent.futures
import ctypes
import gc
import multiprocessing
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import warnings

import numpy as np

import tapestry

CASES = pathlib.Path(sys.argv.pop())


def part(arrays, name):
    return {key[len(name) + 1 :]: arrays[key] for key in arrays if key.startswith(name + ".")}


def opened(name="attention-rnn"):
    return tapestry.load(CASES / name / "model")


def attention_inputs():
    return part(np.load(CASES / "attention-rnn" / "arrays.npz"), "input")


class CaseTests(unittest.TestCase):
    """Each model of the zoo."""

    def test_outputs_losses_and_weights_are_swifts(self):
        names = sorted(path.name for path in CASES.iterdir())
        self.assertEqual(len(names), 12)
        for name in names:
            with self.subTest(name), np.load(CASES / name / "arrays.npz") as arrays:
                dtype = "float64" if name.endswith("float64") else "float32"
                model = tapestry.load(CASES / name / "model", dtype=dtype)
                made = model(**part(arrays, "input"))
                expected = part(arrays, "output")
                made = made._asdict() if isinstance(made, tuple) else {list(expected)[0]: made}
                self.assertEqual(made.keys(), expected.keys())
                for key, array in made.items():
                    self.assertTrue(array.flags.owndata and array.flags.writeable)
                    self.assertEqual(array.dtype, expected[key].dtype)
                    np.testing.assert_array_equal(array, expected[key], key)
                model.set_optimizer("adam", rate=0.01, clip=1, seed=5)
                for loss in arrays["losses"]:
                    self.assertEqual(
                        model.train(part(arrays, "example"), part(arrays, "target")), loss
                    )
                with tempfile.TemporaryDirectory() as folder:
                    model.save(folder)
                    for file in ["config.json", "model.safetensors"]:
                        self.assertEqual(
                            pathlib.Path(folder, file).read_bytes(),
                            (CASES / name / "trained" / file).read_bytes(),
                        )

    def test_every_function_runs(self):
        called = 0
        for path in sorted(CASES.iterdir()):
            dtype = "float64" if path.name.endswith("float64") else "float32"
            model = tapestry.load(path / "model", dtype=dtype)
            inputs = part(np.load(path / "arrays.npz"), "input")
            for function in model.functions.values():
                known = [d["name"] for d in function.inputs]
                made = function(**{key: inputs[key] for key in inputs if key in known})
                called += 1
                if function.name == "beam":
                    self.assertTrue((made.counts <= made.symbols.shape[2]).all())
                    wider = function(
                        **{key: inputs[key] for key in inputs if key in known}, width=3
                    )
                    self.assertLessEqual(wider.symbols.shape[1], 3)
                    falling = np.sort(wider.logProbabilities, axis=1)[:, ::-1]
                    np.testing.assert_array_equal(wider.logProbabilities, falling)
        # Each applies; six search, one predicts.
        self.assertEqual(called, 12 + 6 + 1)


class ArrayTests(unittest.TestCase):
    """Arrays as people have them."""

    def setUp(self):
        self.model = opened()
        self.inputs = attention_inputs()
        self.x = self.inputs["x"]

    def assertSentence(self, sentence, function, *arguments, **named):
        with self.assertRaises(tapestry.Error) as caught:
            function(*arguments, **named)
        self.assertIn(sentence, str(caught.exception))

    def test_arrays_that_are_not_contiguous_are_read_as_they_are(self):
        expected = self.model(self.x)
        for x in [
            np.asfortranarray(self.x),
            np.ascontiguousarray(self.x.transpose(1, 0, 2)).transpose(1, 0, 2),
            np.repeat(self.x, 2, axis=1)[:, ::2],
            self.x[::-1][::-1],
        ]:
            np.testing.assert_array_equal(self.model(x).output, expected.output)
        frozen = self.x.copy()
        frozen.flags.writeable = False
        np.testing.assert_array_equal(self.model(frozen).output, expected.output)
        unaligned = np.frombuffer(b"x" + self.x.tobytes(), np.float32, offset=1)
        unaligned = unaligned.reshape(self.x.shape)
        np.testing.assert_array_equal(self.model(unaligned).output, expected.output)

    def test_lists_and_both_widths_of_whole_numbers_will_do(self):
        expected = self.model(self.x, self.inputs["lengths"])
        for lengths in [[4, 6, 2], np.array([4, 6, 2], np.int32), (4, 6, 2)]:
            made = self.model(self.x, lengths=lengths)
            np.testing.assert_array_equal(made.weights, expected.weights)

    def test_what_does_not_fit_is_a_sentence(self):
        model, x = self.model, self.x
        wanted = "float32 [batch, time, 5] is expected"
        self.assertSentence(f"'x' is float64 [3, 6, 5]; {wanted}", model, x.astype("float64"))
        self.assertSentence("'x' is float16 [3, 6, 5]", model, x.astype("float16"))
        self.assertSentence("'x' is >f4 [3, 6, 5]", model, x.astype(">f4"))
        self.assertSentence("'x' is object", model, np.array([None]))
        self.assertSentence("'x' is <U1", model, np.array(["a"]))
        self.assertSentence(f"'x' is float32 [3, 6]; {wanted}", model, x[:, :, 0])
        self.assertSentence(f"'x' is float32 [3, 6, 4]; {wanted}", model, x[:, :, :4])
        self.assertSentence(": 'time' is at least 1", model, x[:, :0])
        self.assertSentence(": 'batch' is at least 1", model, x[:0])
        self.assertSentence("'x' has 9 axes", model, x.reshape((1,) * 6 + x.shape))
        self.assertSentence("'lengths' has 7 at [2]; from 1 to 6", model, x, [1, 2, 7])
        self.assertSentence("'lengths' has -1 at [0]", model, x, [-1, 2, 3])
        self.assertSentence("'lengths' is float64 [3]", model, x, [1.0, np.nan, 3])
        self.assertSentence("'batch' is 3 in 'x'", model, x, [1, 2])
        self.assertSentence("'x' is missing", model)
        self.assertSentence("nothing is called 'y'", model, x, y=x)
        self.assertSentence("was given 3 arrays", model, x, None, x)
        self.assertSentence("was given 'x' twice", model, x, x=x)
        with self.assertRaises(AttributeError):
            model.beam

    def test_indices_that_are_none_are_a_sentence(self):
        model = opened("seq2seq")
        target = [[1, 4]]
        self.assertSentence("'source' has 9 at [0, 1]; from 0 to 8", model, [[4, 9]], target)
        self.assertSentence("'source' has -1 at [0, 0]; from 0 to 8", model, [[-1, 4]], target)
        self.assertSentence("'source' has 4611686018427387904", model, [[1 << 62, 4]], target)
        self.assertSentence("'source' is float64 [1, 2]", model, [[np.nan, 4]], target)
        self.assertSentence("'width' has 0; from 1 to 128", model.beam, [[4]], width=0)
        self.assertSentence("'labels' has 8 at [0, 0]", model.train, ([[4]], [[1]]), [[8]])

    def test_training_that_means_nothing_is_a_sentence(self):
        model = self.model
        self.assertSentence("no optimizer is called 'adm'", model.set_optimizer, "adm")
        self.assertSentence("a learning rate of nan", model.set_optimizer, "adam", rate=np.nan)
        self.assertSentence("weight_decay is -1", model.set_optimizer, weight_decay=-1)
        self.assertSentence("clip is 0", model.set_optimizer, clip=0)
        self.assertSentence("training has not begun", model.set_rate, 0.1)
        before = model.weights()
        self.assertSentence("'labels' is missing", model.train, self.x, ())
        self.assertSentence("'labels' has 3 at [1]; from 0 to 2", model.train, self.x, [0, 3, 1])
        for name, array in model.weights().items():
            np.testing.assert_array_equal(array, before[name])

    def test_a_model_refuses_what_its_description_cannot_say(self):
        sizes = {**opened("captioner").configuration, "pictureSize": 1, "stages": [[4]]}
        model = tapestry.create("captioner", sizes)
        picture = np.ones((1, 3, 1, 1), np.float32)
        self.assertEqual(model(picture, [[1]]).weights.shape, (1, 1, 1))
        self.assertSentence("too little for the statistics", model.train, picture, [[4]])
        model.train(np.concatenate([picture, 2 * picture]), [[4], [5]])

    def test_results_stay_what_they_are(self):
        before = self.model.weights()
        first = self.model(self.x)
        kept = first.output.copy(), {name: array.copy() for name, array in before.items()}
        first.output[:] = 7
        before["fc.weight"][:] = 7
        np.testing.assert_array_equal(self.model(self.x).output, kept[0])
        self.model.train(self.x, [0, 1, 2])
        np.testing.assert_array_equal(first.output, 7)
        self.assertTrue((self.model.weights()["fc.weight"] != kept[1]["fc.weight"]).any())


class ModelTests(unittest.TestCase):
    """Opening, closing and making models."""

    assertSentence = ArrayTests.assertSentence

    def test_what_cannot_be_opened_is_a_sentence(self):
        self.assertSentence("cannot open '/none': No such file", tapestry.load, "/none")
        with tempfile.TemporaryDirectory() as folder:
            self.assertSentence("expected model.safetensors", tapestry.load, folder)
            for file in ["config.json", "model.safetensors"]:
                shutil.copy(CASES / "seq2seq" / "model" / file, folder)
            self.assertSentence("this library has attention-rnn", tapestry.load, folder, "elman")
            self.assertSentence("'configuration' has", tapestry.load, folder, "transformer")
            self.assertSentence("models are of float32", tapestry.load, folder, dtype="int32")
            weights = pathlib.Path(folder, "model.safetensors")
            content = weights.read_bytes()
            for count in [0, 7, 300, len(content) - 1]:
                weights.write_bytes(content[:count])
                self.assertSentence("model.safetensors", tapestry.load, folder)
            weights.write_bytes(content)
            pathlib.Path(folder, "config.json").write_text("{")
            self.assertSentence("no JSON", tapestry.load, folder)
        self.assertSentence("cannot be loaded", tapestry.Library, "/none.so")
        self.assertSentence("it has no tapestry_open", tapestry.Library, "libc.so.6")

    def test_a_model_is_closed_once(self):
        model = opened()
        model.close()
        for function in [
            model.close, model.weights, lambda: model(attention_inputs()["x"]),
            lambda: model.save("/none/x"), lambda: model.train([], []), lambda: model.set_rate(1),
        ]:
            self.assertSentence("the model has been closed", function)
        with opened() as model:
            model(attention_inputs()["x"])
        self.assertSentence("the model has been closed", model.close)
        # Behind Python's back: the library notices by itself.
        model = opened()
        model._library._close(model._handle)
        self.assertSentence("no model is open under the number", model, attention_inputs()["x"])
        self.assertSentence("was it closed already?", model.close)

    def test_models_that_nobody_holds_are_closed(self):
        model = opened()
        library, handle = model._library, model._handle
        del model
        gc.collect()
        self.assertEqual(library._describe(handle, None, 0), -1)

    def test_models_are_made_of_configurations(self):
        sizes = opened().configuration
        made = tapestry.create("attention-rnn", sizes, seed=3)
        again = tapestry.create("attention-rnn", sizes, seed=3)
        other = tapestry.create("attention-rnn", sizes, seed=4)
        x = attention_inputs()["x"]
        np.testing.assert_array_equal(made(x).output, again(x).output)
        self.assertTrue((made(x).output != other(x).output).any())
        create = tapestry.create
        self.assertSentence("this library has", create, "elman", sizes)
        self.assertSentence("no key 'hiddenSize'", create, "simple-rnn", {"inputSize": 1})
        self.assertSentence("'colour'", create, "simple-rnn", {**sizes, "colour": 1})
        self.assertSentence("hiddenSize is 0", create, "simple-rnn", {**sizes, "hiddenSize": 0})
        self.assertSentence(
            "numbers", create, "simple-rnn", {**sizes, "hiddenSize": 1 << 20}
        )

    def test_weights_come_with_the_package(self):
        model = tapestry.pretrained("forecaster")
        self.assertEqual(model(np.full((1, 12, 1), 50, np.float32)).values.shape, (1, 1, 1))
        self.assertSentence("there are attention-rnn, captioner", tapestry.pretrained, "x")


class RandomTests(unittest.TestCase):
    """Whatever the arrays are, a call gives arrays or a sentence: the process is still there."""

    calls = int(os.environ.get("CALLS", 60))

    def setUp(self):
        self.random = np.random.default_rng(int(os.environ.get("SEED", 1)))

    def array(self, described, extents, dtype):
        """One that fits its description."""
        shape = [extents.setdefault(a, int(self.random.integers(1, 6))) if not a.isdigit() else int(a)
                 for a in described["axes"]]
        if described["elements"] == "numbers":
            return self.random.standard_normal(shape).astype(dtype)
        if described["elements"] == "lengths":
            axis = extents.setdefault(described["axis"], int(self.random.integers(1, 6)))
            return self.random.integers(1, axis + 1, shape)
        first, end = described["range"]
        # A search is to end.
        return self.random.integers(first, min(end, 8) if described["axes"] == [] else end, shape)

    def spoiled(self, array):
        """One that is off in one way or another."""
        kind = self.random.integers(8)
        if kind == 0 and array.dtype.kind == "f":
            return array * self.random.choice([np.nan, np.inf, -np.inf, 1e38, 1e-45]).astype(array.dtype)
        if kind == 1 and array.size:
            array = array.copy()
            array.flat[self.random.integers(array.size)] = self.random.choice(
                [-1, 0, 1 << 20, 2**31 - 1, 2**31, -(2**31)])
            return array
        if kind == 2 and array.ndim:
            return np.concatenate([array, array], axis=self.random.integers(array.ndim))
        if kind == 3 and array.ndim:
            return array[:0]
        if kind == 4:
            return array[None]
        if kind == 5:
            return array.astype(self.random.choice(["f4", "f8", "i4", "i8", "?", "u1", "f2", "U3"]))
        if kind == 6 and array.ndim > 1:
            return array.T
        return None

    def test_random_calls(self):
        made, refused = 0, 0
        for path in sorted(CASES.iterdir()):
            dtype = "float64" if path.name.endswith("float64") else "float32"
            model = tapestry.load(path / "model", dtype=dtype)
            functions = [(f.inputs, f) for f in model.functions.values()]
            functions.append((
                model.loss["inputs"] + model.loss["targets"], lambda **arrays: model.train(arrays, ())))
            for described, function in functions:
                for number in range(self.calls):
                    extents = {}
                    arrays = {d["name"]: self.array(d, extents, dtype) for d in described
                              if not d["isOptional"] or self.random.integers(2)}
                    good = self.random.integers(2) == 0
                    if not good:
                        name = self.random.choice(sorted(arrays))
                        with np.errstate(all="ignore"), warnings.catch_warnings():
                            warnings.simplefilter("ignore")
                            arrays[name] = self.spoiled(arrays[name])
                    try:
                        function(**arrays)
                        made += 1
                    except tapestry.Error as error:
                        self.assertFalse(good, f"{path.name}: {error}")
                        refused += 1
        self.assertGreater(made, refused)
        self.assertGreater(refused, made // 4)


class ThreadTests(unittest.TestCase):
    """ctypes lets threads run at once."""

    def test_eight_threads_get_the_bits_of_one(self):
        models = [opened(), opened(), opened("simple-rnn")]
        random = np.random.default_rng(1)
        inputs = [
            random.standard_normal((2 + n, 30 + n, 5), dtype=np.float32) for n in range(8)
        ]

        def made(model, x):
            result = model(x)
            return b"".join(a.tobytes() for a in result) if isinstance(result, tuple) else result.tobytes()

        alone = {(m, n): made(models[m], inputs[n]) for m in range(3) for n in range(8)}

        def work(thread):
            wrong = 0
            for turn in range(60):
                m, n = (thread + turn) % 3, (thread * 3 + turn) % 8
                wrong += made(models[m], inputs[n]) != alone[m, n]
                try:
                    models[m](inputs[n][:, :, : thread % 4])
                    wrong += 1
                except tapestry.Error as error:
                    wrong += f", {thread % 4}]; float32" not in str(error)
            return wrong

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            self.assertEqual(sum(pool.map(work, range(8))), 0)

    def test_a_model_is_closed_while_others_call_it(self):
        x = np.ones((8, 200, 5), np.float32)
        for _ in range(10):
            model = opened()
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                calls = [pool.submit(model, x) for _ in range(8)]
                model.close()
                for call in calls:
                    try:
                        self.assertEqual(call.result().output.shape, (8, 3))
                    except tapestry.Error as error:
                        self.assertIn("close", str(error))


class ProcessTests(unittest.TestCase):
    """The process is the caller's."""

    def test_a_forked_process_goes_on(self):
        model, x = opened(), np.ones((64, 200, 5), np.float32)
        expected = model(x).output
        if hasattr(os, "fork"):
            call = _Call(model)
            with multiprocessing.get_context("fork").Pool(2) as pool:
                for made in pool.imap(call, [x] * 4):
                    np.testing.assert_array_equal(made, expected)

    def test_other_swift_runtimes_may_be_there(self):
        model, x = opened(), attention_inputs()["x"]
        expected = model(x).output
        swift = shutil.which("swift")
        folder = pathlib.Path(swift).resolve().parent.parent / "lib" / "swift" / "linux" if swift else None
        if folder and (folder / "libswiftCore.so").exists():
            for name in ["libswiftCore.so", "libFoundation.so"]:
                ctypes.CDLL(folder / name, ctypes.RTLD_GLOBAL)
        with tempfile.TemporaryDirectory() as folder:
            # The same library once more, which shares nothing with the first.
            path = shutil.copy(model._library.path, folder)
            other = tapestry.Library(path)
            twin = other.load(CASES / "attention-rnn" / "model")
            for _ in range(3):
                np.testing.assert_array_equal(twin(x).output, expected)
                np.testing.assert_array_equal(model(x).output, expected)
                self.assertEqual(twin.train(x, [0, 1, 2]), model.train(x, [0, 1, 2]))
                expected = model(x).output

    def test_an_environment_without_meaning_does_not_end_the_process(self):
        program = (
            "import sys, tapestry\n"
            "try: tapestry.load(sys.argv[1])\n"
            "except tapestry.Error as error: print('still here:', error)\n"
        )
        for name, value in [("TAPESTRY_THREADS", "many"), ("TAPESTRY_INSTRUCTION_SET", "mmx")]:
            done = subprocess.run(
                [sys.executable, "-c", program, str(CASES / "seq2seq" / "model")],
                env={**os.environ, name: value}, capture_output=True, text=True,
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(done.stdout.startswith(f"still here: {name}"), done.stdout)


class _Call:
    """A call for another process, which has the model from before the fork."""

    models = []

    def __init__(self, model):
        self.number = len(self.models)
        self.models.append(model)

    def __call__(self, x):
        return self.models[self.number](x).output


if __name__ == "__main__":
    unittest.main()
