# Sourced by Tests/faults.sh: data and options of a training of a second for each model of the zoo.
#
#   tiny_data          makes the data in the current folder
#   $tiny_models       lines: a name, the model, and its options

tiny_data() {
  printf 'cat\tK AE T\nact\tAE K T\ntact\tT AE K T\ncatta\tK AE T AH\n' > words
  printf 'one two three\tthree two\nfour one\tone\ntwo two four\tfour two\nthree four\tfour\nfive one two\ttwo five\n' > pairs
  printf 'one four two\tfour one\n' > other-pairs
  printf 'split\tintent\ttokens\ttags\n' > requests
  local split
  for split in train train train valid test; do
    printf '%s\tPlay\tplay some jazz\tO O B-genre\n%s\tAsk\twho sings this\tO O B-song\n' $split $split >> requests
  done
  # Pictures of squares, and words of tones.
  python3 - << 'PYTHON'
import math, os, struct, wave

lines = []
for color, values in (("red", (200, 20, 30)), ("blue", (20, 30, 200))):
    for size, extent in (("small", 4), ("large", 20)):
        for number, width in enumerate((24, 32)):
            name = f"{size}-{color}-{number}.ppm"
            inside = lambda row, column: abs(row - 16) < extent / 2 and abs(column - width / 2) < extent / 2
            pixels = b"".join(
                bytes(values if inside(row, column) else (255, 255, 255)) for row in range(32) for column in range(width))
            open(name, "wb").write(b"P6 %d 32 255\n" % width + pixels)
            part = "train" if number == 0 else "valid" if size == "small" else "test"
            lines.append(f"{part}\t{name}\t{size} square: {color}\n")
open("pictures", "w").write("".join(lines))

os.makedirs("sounds", exist_ok=True)
tones = {"A": 400, "B": 1000, "C": 2500}
lines = ["split\tfile\tword\tphonemes\tvoice\tnoise\n"]
words = ["A", "B", "C", "AB", "BA", "CA", "AC", "BC", "CB", "ABA"]
for number, word in enumerate(words):
    samples = []
    for letter in word:
        samples += [0] * 800 + [int(8000 * math.sin(2 * math.pi * tones[letter] / 16000 * i)) for i in range(1600)]
    with wave.open(f"sounds/{number}.wav", "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(16000)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    split = "test" if number % 5 == 4 else "valid" if number % 5 == 3 else "train"
    lines.append(f"{split}\t{number}.wav\t{word}\t{' '.join(word)}\ttones\tclean\n")
open("sounds/manifest.tsv", "w").write("".join(lines))
PYTHON
}

# shellcheck disable=SC2034
tiny_models='seq2seq seq2seq --data words --hidden-size 32 --embedding-size 8 --batch-size 2 --epochs 800
transformer transformer --data words --size 16 --inner-size 16 --heads 2 --batch-size 2 --epochs 300
summarizer summarizer --data pairs --held-out other-pairs --test other-pairs --minimum-count 1 --hidden-size 16 --embedding-size 8 --batch-size 2 --epochs 200
tagger tagger --data requests --hidden-size 16 --word-size 8 --letter-features 8 --minimum-count 1 --batch-size 2 --epochs 200
captioner captioner --data pictures --hidden-size 8 --embedding-size 8 --batch-size 2 --epochs 20
speech-ctc speech --data sounds --hidden-size 16 --layers 1 --halvings 0 --batch-size 3 --epochs 60
speech-attention speech --data sounds --head attention --hidden-size 16 --layers 1 --halvings 0 --batch-size 3 --epochs 60
forecaster forecaster --epochs 60
simple-rnn simple-rnn --epochs 8 --hidden-size 32
attention-rnn attention-rnn --epochs 8 --hidden-size 32'
