import Autograd
import Kernels
import Layers
import Testing

/// The fused score `v · tanh(query + key)` against the same made of single operations.
@Suite struct AdditiveScoresTests {
  private struct Case<Scalar: FloatingPointScalar> {
    let inputs: [Tensor<Scalar>]

    init(batch: Int, queries: Int, keys: Int, size: Int) {
      var generator = Generator(seed: 8)
      inputs = [[batch, queries, size], [batch, keys, size], [size]].map {
        .normal(Shape($0), using: &generator)
      }
    }

    /// The scores and the gradients of their squares' sum.
    func run(_ function: ([Tensor<Scalar>]) -> Tensor<Scalar>) -> [Tensor<Scalar>] {
      let (outputs, gradients) = vectorJacobianProduct(at: inputs, of: { [function($0)] }) {
        $0.map { $0 * 2 }
      }
      return outputs + gradients.map { $0! }
    }

    var fused: [Tensor<Scalar>] {
      run { additiveScores(queries: $0[0], keys: $0[1], v: $0[2]) }
    }

    var composed: [Tensor<Scalar>] {
      run { (tanh($0[0].unsqueezed(axis: 2) + $0[1].unsqueezed(axis: 1)) * $0[2]).sum(axes: 3) }
    }
  }

  @Test(arguments: [1, 2, 5, 8, 16, 17, 67, 128], [1, 3])
  func `values and gradients are those of the composed form, whatever the sizes`(
    size: Int, queries: Int
  ) {
    let double = Case<Double>(batch: 3, queries: queries, keys: 6, size: size)
    let single = Case<Float>(batch: 3, queries: queries, keys: 6, size: size)
    for (ours, theirs) in zip(double.fused, double.composed) {
      // Sums of up to 128 terms of size 1, times scores of size 10: some 1000 roundings.
      #expect(ours.isClose(to: theirs, within: 1e-12))
    }
    for (ours, theirs) in zip(single.fused, single.composed) {
      #expect(ours.isClose(to: theirs, within: 5e-4))
    }
  }

  @Test func `results do not depend on the number of threads`() {
    let test = Case<Float>(batch: 70, queries: 1, keys: 20, size: 256)
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let one = test.fused
    Threads.count = 3
    #expect(test.fused == one)
  }
}
