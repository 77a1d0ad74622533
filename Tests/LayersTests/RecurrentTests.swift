import Autograd
import Kernels
import Layers
import Testing

@Suite struct RecurrentTests {
  @Test(arguments: [1, 2, 5])
  func `results do not depend on the number of threads`(threads: Int) {
    var generator = Generator(seed: 3)
    let network = LSTM<Float>(
      inputSize: 16, hiddenSize: 64, layers: 2, isBidirectional: true, using: &generator)
    let x = Tensor<Float>.normal([40, 7, 16], using: &generator)
    func run() -> (Tensor<Float>, [Tensor<Float>]) {
      let (value, gradients) = valueWithGradient(at: network) { $0(x).outputs.sum() }
      return (value, network.parameters.map { gradients[$0.parameter as! Parameter<Float>]! })
    }
    let before = Threads.count
    let reference = run()
    Threads.count = threads
    defer { Threads.count = before }
    let other = run()
    #expect(reference.0 == other.0)
    #expect(reference.1 == other.1)
  }

  @Test func `what stands after a sequence's end changes nothing, be it NaN`() {
    var generator = Generator(seed: 4)
    let network = GRU<Double>(
      inputSize: 2, hiddenSize: 3, layers: 2, isBidirectional: true, using: &generator)
    let x = Tensor<Double>.normal([2, 3, 2], using: &generator)
    var padded = Tensor<Double>.concatenated([x, .zeros([2, 2, 2])], axis: 1)
    for t in 3..<5 { for i in 0..<2 { padded[0, t, i] = .nan } }
    padded[1, 3, 0] = .infinity
    let whole = network(x)
    let cut = network(padded, lengths: [3, 3])
    #expect(cut.outputs.narrowed(axis: 1, to: 0..<3) == whole.outputs)
    #expect(cut.outputs.narrowed(axis: 1, to: 3..<5) == .zeros([2, 2, 6]))
    #expect(cut.finalStates[1] == whole.finalStates[1])
    #expect(cut.reverseFinalStates[0] == whole.reverseFinalStates[0])
    let one = valueWithGradient(at: network) { $0(x).outputs.sum() }.gradients
    let other = valueWithGradient(at: network) {
      $0(padded, lengths: [3, 3]).outputs.sum()
    }.gradients
    for (name, parameter) in network.parameters {
      let box = parameter as! Parameter<Double>
      // Weight gradients sum over more rows, of which the further ones are zero.
      #expect(abs(one[box]! - other[box]!).max().scalar < 1e-13, "\(name)")
    }
  }

  /// A cell of a user: half of the old state, half of what comes in.
  private struct Leaky: RecurrentCell {
    typealias Scalar = Double
    let hiddenSize = 2
    @Parameter var gain = Tensor<Double>([0.5, 2])
    func initialState(batch: Int) -> Tensor<Double> { .zeros([batch, 2]) }
    func callAsFunction(_ x: Tensor<Double>, _ state: Tensor<Double>) -> Tensor<Double> {
      state * 0.5 + x * gain
    }
  }

  @Test func `a user's own cell runs in both directions and respects lengths`() {
    let network = Recurrent<Leaky>(inputSize: 2, isBidirectional: true) { _ in Leaky() }
    let x = Tensor<Double>([1, 1, 1, 1, 1, 1, 1, 1], shape: [2, 2, 2])
    let result = network(x, lengths: [2, 1])
    #expect(
      result.outputs.scalars == [0.5, 2, 0.75, 3, 0.75, 3, 0.5, 2, 0.5, 2, 0.5, 2, 0, 0, 0, 0])
    #expect(result.finalStates[0] == Tensor([[0.75, 3], [0.5, 2]]))
    #expect(result.reverseFinalStates[0] == Tensor([[0.75, 3], [0.5, 2]]))
  }
}
