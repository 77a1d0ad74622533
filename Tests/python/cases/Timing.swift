import AttentionRNN
import Autograd
import Interchange
import Platform

/// Prints nanoseconds of a call of one sequence of ten steps: the median of rounds of calls.
func timeCalls(ofModelAt path: String) throws {
  let model = try AttentionRNN<Float>(TensorFile(contentsOf: path))
  var generator = Generator(seed: 1)
  let x = Tensor<Float>.normal([1, 10, model.configuration.inputSize], using: &generator)
  let calls = 200
  var rounds: [Double] = []
  for _ in 0..<51 {
    let start = MonotonicClock.seconds
    for _ in 0..<calls { _ = model.outputAndWeights(x) }
    rounds.append((MonotonicClock.seconds - start) / Double(calls) * 1e9)
  }
  print(Int(rounds.sorted()[rounds.count / 2]))
}
