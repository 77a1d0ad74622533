import Autograd
import Testing

@Suite struct CheckpointTests {
  private static func draw(_ shape: Shape, _ seed: UInt64) -> Tensor<Double> {
    var generator = Generator(seed: seed)
    return .uniform(shape, in: -1...1, using: &generator)
  }

  private let x = Self.draw([3, 4], 1)
  private let y = Self.draw([4], 2)

  private func segment(_ x: [Tensor<Double>]) -> [Tensor<Double>] {
    let inner = tanh(x[0] * x[1])
    return [sin(inner) * x[0], inner.sum(axes: 0)]
  }

  @Test func `value and gradients are those of the same without a checkpoint, bit for bit`() {
    func loss(_ x: [Tensor<Double>], _ body: ([Tensor<Double>]) -> [Tensor<Double>])
      -> Tensor<Double>
    {
      let results = body([x[0], exp(x[1])])
      return (results[0] * results[1]).sum()
    }
    let plain = valueWithGradient(at: [x, y]) { loss($0, segment) }
    let saved = valueWithGradient(at: [x, y]) { loss($0) { checkpointed($0, segment) } }
    #expect(saved.value == plain.value)
    #expect(saved.gradients == plain.gradients)
    // A segment of segments.
    let nested = valueWithGradient(at: [x, y]) {
      loss($0) { checkpointed($0) { checkpointed($0, segment) } }
    }
    #expect(nested.gradients == plain.gradients)
    #expect(checkpointed([x, y], segment) == segment([x, y]))
  }

  @Test func `it may be differentiated to any order, in either mode`() {
    let check = GradientCheck(at: [x, y], order: 2) { checkpointed($0, segment)[0] }
    #expect(check.passes, "\(check)")
    func third(_ body: @escaping ([Tensor<Double>]) -> [Tensor<Double>]) -> Tensor<Double> {
      gradient(at: x) { x in
        square(gradient(at: x) { x in square(gradient(at: x) { body([$0, y])[0].sum() }).sum() })
          .sum()
      }
    }
    let (saved, plain) = (third { checkpointed($0, segment) }, third(segment))
    // The same sums in another order.
    #expect((saved - plain).norm(.infinity).scalar < 1e-11 * plain.norm(.infinity).scalar)
    func product(_ body: @escaping ([Tensor<Double>]) -> [Tensor<Double>]) -> [Tensor<Double>] {
      hessianVectorProduct(at: [x, y], along: [x, y]) { body($0)[0].sum() }
    }
    let plainProduct = product(segment)
    for (saved, plain) in zip(product({ checkpointed($0, segment) }), plainProduct) {
      #expect((saved - plain).norm(.infinity).scalar < 1e-13)
    }
    let forward = jacobianVectorProduct(at: [x, y], along: [x, y]) {
      valueWithGradient(at: $0) { checkpointed($0, segment)[0].sum() }.gradients
    }.tangents
    for (forward, plain) in zip(forward, plainProduct) {
      #expect((forward - plain).norm(.infinity).scalar < 1e-13)
    }
  }

  @Test func `a segment may return an input, a tensor twice, or a constant`() {
    let constant = Tensor(2.0)
    let gradient = gradient(at: y) { y in
      let results = checkpointed([y]) { [$0[0], $0[0], constant, exp($0[0])] }
      return (results[0] * results[1] * results[2] + results[3]).sum()
    }
    #expect(gradient == y * 4 + exp(y))
    #expect(
      valueWithGradient(at: [y]) { _ in checkpointed([Tensor(1.0)]) { $0 }[0] }.gradients[0] == y
        * 0)
  }

  @Test func `a segment of which only a part counts`() {
    let gradients = valueWithGradient(at: [x, y]) { checkpointed($0, segment)[1].sum() }.gradients
    let plain = valueWithGradient(at: [x, y]) { segment($0)[1].sum() }.gradients
    #expect(gradients == plain)
  }

  @Test func `only inputs and results stay between the runs`() {
    weak var inner: UntypedTensor?
    var runs = 0
    _ = gradient(at: x) { x in
      let y = checkpointed(x) { x in
        let t = tanh(x)
        runs += 1
        if runs == 1 { inner = t.untyped }
        return t * t
      }
      #expect(runs == 1)
      #expect(inner == nil)
      #expect(Tape.current!.records.count == 2)
      return y.sum()
    }
    #expect(runs == 2)
  }

  @Test func `a scan is the loop that it stands for`() {
    func step(_ t: Int, _ state: [Tensor<Double>]) -> [Tensor<Double>] {
      [tanh(state[0] + Double(t) * 0.1), state[1] + state[0].sum()]
    }
    let inputs = [x, Tensor(0.0)]
    for steps in [0, 1, 2, 10, 17] {
      let plain = valueWithGradient(at: inputs) { state in
        (0..<steps).reduce(state) { step($1, $0) }.reduce(Tensor(0)) { $0 + $1.sum() }
      }
      for segments in [nil, 1, 3, 100] {
        let saved = valueWithGradient(at: inputs) { state in
          checkpointedScan(steps: steps, initialState: state, segments: segments, step: step)
            .reduce(Tensor(0)) { $0 + $1.sum() }
        }
        #expect(saved.value == plain.value)
        #expect(saved.gradients == plain.gradients)
      }
    }
    #expect(segmentRanges(10, nil).map(\.count) == [2, 3, 2, 3])
  }

  /// In a process of its own, as the pool belongs to the whole process.
  @Test func `memory grows with the root of the number of steps`() async {
    await #expect(processExitsWith: .success) {
      let x = Self.draw([64, 64], 1)
      func peak(_ steps: Int, _ run: ([Tensor<Double>]) -> Tensor<Double>) -> Int {
        BufferPool.trim()
        let before = BufferPool.statistics.used
        _ = valueWithGradient(at: [x], of: run)
        return (BufferPool.statistics.peak - before) / (64 * 64 * 8)
      }
      func step(_: Int, _ state: [Tensor<Double>]) -> [Tensor<Double>] { [sin(state[0])] }
      for steps in [100, 400, 1600] {
        let plain = peak(steps) { (0..<steps).reduce($0) { step($1, $0) }[0].sum() }
        let saved = peak(steps) {
          checkpointedScan(steps: steps, initialState: $0, step: step)[0].sum()
        }
        let root = Int(Double(steps).squareRoot())
        // A tensor a step; or one a segment, and one a step of the segment that runs again.
        #expect(plain >= steps)
        #expect(saved <= 2 * root + 10, "\(saved) tensors for \(steps) steps")
      }
    }
  }

  @Test func `a tensor that is used without being an input is found out`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = valueWithGradient(at: [Tensor(2.0), Tensor(3.0)]) { x in
        checkpointed(x[0]) { $0 * x[1] }
      }
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("checkpointed: multiply uses a tensor that is being differentiated"))
  }
}
