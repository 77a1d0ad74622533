#!/usr/bin/env bash
# A package outside the repository depends on it by a version tag, as a user's own does: it defines
# a layer, trains it, imports Seq2Seq and decodes. Builds and runs it in release and in debug, and
# says how long each took. What is tested is the last commit, not the working tree.
#
#   Tests/outside-package.sh [release] [debug]
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

git clone --quiet "$repository" "$work/tapestry"
git -C "$work/tapestry" tag 1.0.0

mkdir -p "$work/outside/Sources/outside"
cat > "$work/outside/Package.swift" << END
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "outside",
  dependencies: [.package(url: "file://$work/tapestry", from: "1.0.0")],
  targets: [
    .executableTarget(
      name: "outside",
      dependencies: ["Autograd", "Layers", "Training", "Seq2Seq"].map {
        .product(name: \$0, package: "tapestry")
      })
  ],
  swiftLanguageModes: [.v6])
END
cat > "$work/outside/Sources/outside/main.swift" << 'END'
import Autograd
import Layers
import Seq2Seq
import Training

/// Attention whose scores pass through a gate, with a parameter of its own.
struct GatedAttention<Scalar: FloatingPointScalar>: Layer {
  let score: Linear<Scalar>
  let gate: Linear<Scalar>
  @Parameter var temperature = Tensor<Scalar>([1])

  init(size: Int, using generator: inout some RandomNumberGenerator) {
    score = Linear(inputs: size, outputs: size, using: &generator)
    gate = Linear(inputs: size, outputs: size, using: &generator)
  }

  /// - Parameter states: `[batch, time, size]`
  func callAsFunction(_ states: Tensor<Scalar>) -> Tensor<Scalar> {
    let weights = softmax(tanh(score(states)) * temperature, axis: 1)
    return weights * sigmoid(gate(states)) * states
  }
}

struct Classifier: Layer {
  let rnn: GRU<Float>
  let attention: GatedAttention<Float>
  let output: Linear<Float>

  func callAsFunction(_ x: Tensor<Float>) -> Tensor<Float> {
    output(attention(rnn(x).outputs).sum(axes: 1))
  }
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let time = try ContinuousClock().measure(body).components
  return Double(time.seconds) + Double(time.attoseconds) * 1e-18
}

var generator = Generator(seed: 1)

// A new layer, in a training loop.
let classifier = Classifier(
  rnn: GRU(inputSize: 8, hiddenSize: 64, using: &generator), attention: GatedAttention(size: 64, using: &generator),
  output: Linear(inputs: 64, outputs: 8, using: &generator))
var optimizer = Adam(learningRate: 3e-3)
var losses: [Float] = []
let training = seconds {
  for _ in 0..<300 {
    let x = Tensor<Float>.normal([32, 10, 8], using: &generator)
    let labels = x.mean(axes: 1).argmax(axis: 1)
    let (loss, gradients) = valueWithGradient(at: classifier) { crossEntropyLoss($0(x), labels) }
    optimizer.update(classifier, along: gradients.clipped(toNorm: 1))
    losses.append(loss.scalar)
  }
}
let last = losses.suffix(20).reduce(0, +) / 20
print(
  "a layer of one's own: loss \(losses[0]) to \(last) in 300 steps of 32 x 10 x 8, "
    + "\(training) seconds")
guard last < losses[0] / 2 else { fatalError("the loss has not fallen to half") }

// A model of the zoo.
let model = Seq2Seq<Float>(
  Seq2SeqConfiguration(sourceVocabulary: 8, targetVocabulary: 8, embeddingSize: 16, hiddenSize: 32),
  using: &generator)
let words = (0..<64).map { i in (0..<(2 + i % 3)).map { Int32(3 + (i * 7 + $0 * $0 + i / 5) % 5) } }
let batch = SequencePairBatch(sources: words, targets: words.map { $0.reversed() })
optimizer = Adam(learningRate: 1e-2)
let learning = seconds {
  for _ in 0..<300 {
    let (_, gradients) = valueWithGradient(at: model, using: &generator) {
      crossEntropyLoss(
        $0(batch.source, batch.input, lengths: batch.lengths), batch.labels,
        ignoring: Int(SequenceSymbol.padding))
    }
    optimizer.update(model, along: gradients.clipped(toNorm: 1))
  }
}
var right = 0
let decoding = seconds {
  right = zip(words, model.beam(words, width: 3, limit: 6)).count { $1[0].symbols == $0.reversed() }
}
print(
  "Seq2Seq turns words round: \(right) of \(words.count) right after 300 steps, "
    + "\(learning) seconds; decoding \(decoding) seconds")
guard right > 56 else { fatalError("Seq2Seq has not learnt to turn words round") }
try model.save(to: "weights.safetensors")
try model.load(from: "weights.safetensors")
END

cd "$work/outside"
modes=("$@")
[ $# -gt 0 ] || modes=(release debug)
for mode in "${modes[@]}"; do
  start=$SECONDS
  nice -n 10 swift build -c "$mode" > build.log 2>&1 || {
    cat build.log
    exit 1
  }
  grep -E '(^|: )warning: ' build.log || true
  built=$SECONDS
  printf '== %s: built in %d s\n' "$mode" $((built - start))
  ".build/$mode/outside"
  printf '== %s: ran in %d s\n' "$mode" $((SECONDS - built))
done
