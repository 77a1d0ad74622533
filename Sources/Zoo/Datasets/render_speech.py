#!/usr/bin/env python3
"""Renders spoken words with their phonemes, for `zoo train speech --data DIR`.

    render_speech.py DIR [--seed 1] [--jobs 2]

Words of the CMU dictionary are spoken by espeak-ng (`apt-get install espeak-ng`; 1.51 was used), with
NumPy for noise and resampling. DIR gets WAV files, 16 kHz, 16 bit, mono, and `manifest.tsv`.

What is spoken is the dictionary's pronunciation, phoneme by phoneme, not what espeak-ng would make of
the letters: so the 39 phonemes of the dictionary, without stress, are what is heard, and a figure can
stand beside those of other recognisers. espeak-ng's own symbols differ from accent to accent, and its
rules say many names otherwise than the dictionary. Only accents that keep all 39 apart are taken: in
Lancashire and the West Midlands AH and UH are one vowel, in the Caribbean DH is D and NG is N, and
the Scottish ER is written as another vowel.

No two parts share a word or a pronunciation, nor a voice: a voice is an accent with a variant, and the
variants are split.
"""

import argparse
import concurrent.futures
import pathlib
import random
import subprocess
import sys
import wave

import numpy

RATE = 16_000
ACCENTS = ["en-us", "en-us-nyc", "en-gb", "en-gb-x-rp"]
# Words and recordings of each word, and the variants that speak them.
PARTS = {
    "train": (6000, 2, ["m1", "m2", "m4", "m5", "f1", "f3", "f5"]),
    "valid": (500, 1, ["m7"]),
    "test": (1000, 2, ["m3", "m6", "f2", "f4"]),
}
# Ratio of speech to white noise; no noise at all is "clean".
NOISES = ["clean", "20dB", "10dB", "5dB"]
DICTIONARY = pathlib.Path(__file__).parent.parent / "Pronunciation/Resources/CMUdict/cmudict.dict"

# The dictionary's phonemes as espeak-ng writes them; AH without stress is a schwa.
ESPEAK = dict(
    AA="A:", AE="a", AH="V", AO="O:", AW="aU", AY="aI", B="b", CH="tS", D="d", DH="D", EH="E",
    ER="3:", EY="eI", F="f", G="g", HH="h", IH="I", IY="i:", JH="dZ", K="k", L="l", M="m", N="n",
    NG="N", OW="oU", OY="OI", P="p", R="r", S="s", SH="S", T="t", TH="T", UH="U", UW="u:", V="v",
    W="w", Y="j", Z="z", ZH="Z")
STRESS = {"0": "", "1": "'", "2": ","}


def dictionary(path):
    """Words of letters alone with the phonemes of their first pronunciation, from 2 to 12 of them;
    of words that sound the same the first."""
    words = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, *phonemes = line.split("#")[0].split()
        plain = tuple(phoneme.rstrip("012") for phoneme in phonemes)
        if word.isascii() and word.isalpha() and 2 <= len(plain) <= 12:
            words.setdefault(plain, (word, phonemes))
    return list(words.values())


def spoken(phonemes):
    """Phonemes for espeak-ng, a stress before each stressed vowel, as in `k|'a|t`."""
    symbols = []
    for phoneme in phonemes:
        name, stress = phoneme.rstrip("012"), phoneme[-1]
        symbol = "@" if phoneme == "AH0" else ESPEAK[name]
        symbols.append(STRESS.get(stress, "") + symbol)
    return "[[" + "|".join(symbols) + "]]"


def plan(words, generator):
    """All recordings, in the order of the manifest."""
    generator.shuffle(words)
    recordings = []
    for part, (count, times, variants) in PARTS.items():
        chosen, words = words[:count], words[count:]
        for word, phonemes in chosen:
            voices = [f"{accent}+{variant}" for accent in ACCENTS for variant in variants]
            for voice in generator.sample(voices, times):
                recordings.append(dict(
                    part=part, word=word, phonemes=phonemes, voice=voice,
                    noise=generator.choice(NOISES), rate=generator.randint(120, 200),
                    pitch=generator.randint(30, 70), before=generator.uniform(0.03, 0.15),
                    after=generator.uniform(0.03, 0.15), seed=generator.getrandbits(64)))
    return recordings


def synthesized(recording):
    """What espeak-ng says, without the silence around it, and its samples a second."""
    answer = subprocess.run(
        ["espeak-ng", "-v", recording["voice"], "-s", str(recording["rate"]),
         "-p", str(recording["pitch"]), "--stdout", spoken(recording["phonemes"])],
        check=True, stdin=subprocess.DEVNULL, capture_output=True).stdout
    rate = int.from_bytes(answer[24:28], "little")
    samples = numpy.frombuffer(answer[44:], "<i2").astype(float)
    heard = numpy.flatnonzero(numpy.abs(samples) > 100)
    if not len(heard):
        sys.exit(f"espeak-ng says nothing to {recording['word']} in {recording['voice']}")
    return samples[heard[0]:heard[-1] + 1], rate


def resampled(samples, rate):
    """The same sound at RATE samples a second: frequencies above its half are cut off."""
    count = round(len(samples) * RATE / rate)
    spectrum = numpy.fft.rfft(samples)[:count // 2 + 1]
    return numpy.fft.irfft(spectrum, count) * count / len(samples)


def render(recording, path):
    speech = resampled(*synthesized(recording))
    silence = [numpy.zeros(round(recording[side] * RATE)) for side in ("before", "after")]
    sound = numpy.concatenate([silence[0], speech, silence[1]])
    if recording["noise"] != "clean":
        power = numpy.mean(speech ** 2) / 10 ** (float(recording["noise"].removesuffix("dB")) / 10)
        generator = numpy.random.default_rng(recording["seed"])
        sound = sound + generator.normal(0, numpy.sqrt(power), len(sound))
    sound *= 16_000 / numpy.max(numpy.abs(sound))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(numpy.rint(sound).astype("<i2").tobytes())


def main():
    parser = argparse.ArgumentParser(description="Renders spoken words with their phonemes.")
    parser.add_argument("folder", type=pathlib.Path, help="where the files go")
    parser.add_argument("--dictionary", type=pathlib.Path, default=DICTIONARY)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="recordings that are made at once")
    arguments = parser.parse_args()
    recordings = plan(dictionary(arguments.dictionary), random.Random(arguments.seed))
    rows = ["split\tfile\tword\tphonemes\tvoice\tnoise"]
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        tasks = []
        for number, recording in enumerate(recordings):
            folder = arguments.folder / recording["part"]
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{recording['part']}/{number:05}.wav"
            tasks.append(pool.submit(render, recording, arguments.folder / name))
            phonemes = " ".join(phoneme.rstrip("012") for phoneme in recording["phonemes"])
            rows.append("\t".join([
                recording["part"], name, recording["word"], phonemes, recording["voice"],
                recording["noise"]]))
        for task in tasks:
            task.result()
    (arguments.folder / "manifest.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{len(recordings)} recordings in {arguments.folder}")


if __name__ == "__main__":
    main()
