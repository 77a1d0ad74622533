import Autograd
import Layers
import Sequences
import Speech
import Testing
import Training

/// What both recognisers promise.
@Suite struct SpeechTests {
  /// One of each kind, small.
  enum Head: CaseIterable { case ctc, attention }

  private static let configuration = SpeechConfiguration(
    features: 3, symbols: 6, hiddenSize: 4, layers: 2, halvings: 1, embeddingSize: 3,
    decoderSize: 5, attentionSize: 4, filters: 2, filterWidth: 3)

  private func model<Scalar: FloatingPointScalar>(
    _ head: Head, _ configuration: SpeechConfiguration = Self.configuration,
    _ type: Scalar.Type = Double.self
  ) -> any SpeechRecognizer<Scalar> {
    var generator = Generator(seed: 2)
    switch head {
    case .ctc: return CTCRecognizer<Scalar>(configuration, using: &generator)
    case .attention: return AttentionRecognizer<Scalar>(configuration, using: &generator)
    }
  }

  /// Recordings of some lengths, `[time, 3]`.
  private func recordings(_ lengths: [Int]) -> [Tensor<Double>] {
    var generator = Generator(seed: 3)
    return lengths.map { .normal([$0, 3], using: &generator) }
  }

  private var batch: SpeechBatch<Double> {
    SpeechBatch(recordings([7, 4, 9]), targets: [[3, 4], [5], [4, 4, 3]])
  }

  @Test func `recordings are padded to a rectangle`() {
    let batch = batch
    #expect(batch.frames.shape == [3, 9, 3] && batch.lengths == [7, 4, 9] && batch.count == 3)
    #expect(batch.frames[1, 0..<4] == recordings([7, 4, 9])[1])
    #expect(batch.frames[1, 4...] == .zeros([5, 3]))
  }

  @Test(arguments: [0, 1, 2, 3])
  func `each halving halves the states, rounded up, whatever stands after an end`(halvings: Int) {
    var configuration = Self.configuration
    (configuration.layers, configuration.halvings) = (3, halvings)
    var generator = Generator(seed: 4)
    let encoder = SpeechEncoder<Double>(configuration, using: &generator)
    let batch = batch
    let (states, lengths) = encoder(batch.frames, lengths: batch.lengths)
    let step = configuration.framesPerState
    #expect(step == [1, 2, 4, 8][halvings])
    #expect(lengths == [7, 4, 9].map { ($0 + step - 1) / step })
    #expect(states.shape == [3, (9 + step - 1) / step, 8])
    var changed = batch.frames
    changed[1, 4...] = Tensor(repeating: .nan, shape: [5, 3])
    #expect(encoder(changed, lengths: batch.lengths).states == states)
    // A recording by itself, which needs no padding.
    for (row, recording) in recordings([7, 4, 9]).enumerated() {
      let single = SpeechBatch([recording])
      let (own, count) = encoder(single.frames, lengths: single.lengths)
      let difference = own.squeezed(axes: 0) - states[row, 0..<count[0]]
      // The same products in another order.
      #expect(abs(difference).max().scalar < 1e-12)
    }
  }

  @Test(arguments: Head.allCases)
  func `the gradients are those of finite differences`(head: Head) {
    func check(_ model: some SpeechRecognizer<Double>) -> GradientCheck {
      GradientCheck(at: model) { $0.loss(batch, smoothing: 0.1) }
    }
    switch head {
    case .ctc:
      var generator = Generator(seed: 2)
      let check = check(CTCRecognizer<Double>(Self.configuration, using: &generator))
      #expect(check.passes, "\(check)")
    case .attention:
      var generator = Generator(seed: 2)
      let check = check(AttentionRecognizer<Double>(Self.configuration, using: &generator))
      #expect(check.passes, "\(check)")
    }
  }

  @Test(arguments: Head.allCases)
  func `what is heard in a recording does not depend on the others of its batch`(head: Head) {
    let model = model(head)
    let together = model.hypotheses(batch, width: 3)
    for (recording, hypotheses) in zip(recordings([7, 4, 9]), together) {
      let alone = model.hypotheses(SpeechBatch([recording]), width: 3)[0]
      #expect(hypotheses.count <= 3 && !hypotheses.isEmpty)
      for (a, b) in zip(alone, hypotheses) {
        #expect(abs(a.logProbability - b.logProbability) < 1e-9)
      }
      #expect(hypotheses[0].logProbability >= hypotheses.last!.logProbability)
      #expect(hypotheses[0].symbols.allSatisfy { $0 != SequenceSymbol.padding })
    }
  }

  @Test func `the weights of attention sum to one over the states of a recording`() {
    let recording = recordings([9])[0]
    let alignment = model(.attention).alignment(of: recording, saying: [3, 5, 3])
    #expect(alignment.symbols == [3, 5, 3])
    #expect(alignment.weights.map(\.count) == [5, 5, 5])
    for row in alignment.weights { #expect(abs(row.reduce(0, +) - 1) < 1e-5) }
    #expect(model(.attention).alignment(of: recording, saying: []).weights.isEmpty)
  }

  @Test func `CTC tells how probable the blank and each symbol are, and when`() {
    let recording = recordings([9])[0]
    let alignment = model(.ctc).alignment(of: recording, saying: [3, 5, 3])
    #expect(alignment.symbols == [SequenceSymbol.padding, 3, 5])
    var generator = Generator(seed: 2)
    let same = CTCRecognizer<Double>(Self.configuration, using: &generator)
    let logs = same(recording.unsqueezed(axis: 0), lengths: [9]).logProbabilities
    for (row, symbol) in alignment.symbols.enumerated() {
      for state in 0..<5 {
        let right = Float(exp(logs[state, 0, Int(symbol)].scalar))
        #expect(abs(alignment.weights[row][state] - right) < 1e-6)
      }
    }
  }

  @Test func `a recording with too few states for its symbols teaches nothing`() {
    let short = recordings([4, 9])
    let model = model(.ctc)
    let both = model.loss(SpeechBatch(short, targets: [[3, 3, 3, 3], [4]]), smoothing: 0)
    let one = model.loss(SpeechBatch([short[1]], targets: [[4]]), smoothing: 0)
    #expect(abs(both.scalar - one.scalar / 2) < 1e-12)
  }

  @Test(arguments: Head.allCases)
  func `weights that are not finite say nothing`(head: Head) {
    let model = model(head)
    for (_, parameter) in model.parameters {
      parameter.scalars = parameter.scalars.map { _ in .nan }
    }
    for hypotheses in model.hypotheses(batch, width: 2) {
      #expect(hypotheses == [.init(symbols: [], logProbability: -.infinity)])
    }
  }

  @Test func `a change of bands stretches, silences, or leaves all as it is`() {
    var generator = Generator(seed: 5)
    let recording = recordings([6])[0]
    #expect(SpectrumPerturbation()(recording, using: &generator) == recording)
    let ramp = Tensor((0..<40).map { Double($0 % 20) }, shape: [2, 20])
    for _ in 0..<20 {
      let stretched = SpectrumPerturbation(stretch: 0.2)(ramp, using: &generator)[0].scalars
      // A ramp stays one, steeper or less steep, up to its last number.
      let factor = stretched[1]
      #expect((0.8...1.2).contains(factor))
      for (band, value) in stretched.enumerated() {
        #expect(abs(value - min(Double(band) * factor, 19)) < 1e-12)
      }
      let masked = SpectrumPerturbation(maskedBands: 5)(ramp + 1, using: &generator)
      let silent = (0..<20).filter { masked[0, $0].scalar == 0 }
      #expect(silent.count <= 5 && silent == Array((silent.first ?? 0)..<((silent.last ?? -1) + 1)))
      #expect(masked[1].scalars == masked[0].scalars)
      for band in 0..<20 where !silent.contains(band) {
        #expect(masked[0, band].scalar == Double(band + 1))
      }
    }
  }

  @Test func `a configuration of a file is checked`() {
    #expect(CTCRecognizer<Double>.contradiction(in: Self.configuration) == nil)
    func changed(_ change: (inout SpeechConfiguration) -> Void) -> Bool {
      var configuration = Self.configuration
      change(&configuration)
      return AttentionRecognizer<Double>.contradiction(in: configuration) == nil
    }
    #expect(!changed { $0.halvings = 3 } && !changed { $0.layers = 0 })
    #expect(!changed { $0.filterWidth = 4 } && !changed { $0.hiddenSize = -1 })
    #expect(!changed { $0.dropout = 1 } && !changed { $0.layers = .max })
  }
}
