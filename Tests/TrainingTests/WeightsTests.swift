import Autograd
import Foundation
import Layers
import Testing
import Training

/// A small model with two kinds of layers.
struct SmallModel<Scalar: FloatingPointScalar>: Layer {
  let first: Linear<Scalar>
  let dropout: Dropout<Scalar>
  let second: Linear<Scalar>

  init(seed: UInt64, hiddenSize: Int = 4, dropout: Double = 0) {
    var generator = Generator(seed: seed)
    first = Linear(inputs: 2, outputs: hiddenSize, using: &generator)
    self.dropout = Dropout(dropout)
    second = Linear(inputs: hiddenSize, outputs: 2, bias: false, using: &generator)
  }

  func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    second(dropout(tanh(first(x))))
  }

  /// All scalars.
  var all: [Double] { parameters.flatMap { $0.parameter.scalars } }
}

@Suite struct WeightsTests {
  @Test func `weights and metadata come back bit for bit`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/weights.safetensors"
      let (model, other) = (SmallModel<Float>(seed: 1), SmallModel<Float>(seed: 2))
      try model.save(to: path, metadata: ["hidden": "4"])
      let report = try other.load(from: path)
      #expect(report.metadata == ["hidden": "4"] && report.isComplete)
      #expect(
        report.loaded.map(\.parameters)
          == [["first.weight"], ["first.bias"], ["second.weight"]])
      #expect(other.all == model.all)
      let file = try SafeTensors(contentsOf: path)
      #expect(file.tensors.keys.sorted() == ["first.bias", "first.weight", "second.weight"])
      #expect(file.tensors["first.weight"]?.shape == [4, 2])
      #expect(file.tensors["first.weight"]?.dtype == .float32)
    }
  }

  @Test func `single precision is read into a model of double precision`() throws {
    let (model, other) = (SmallModel<Float>(seed: 1), SmallModel<Double>(seed: 2))
    try other.load(model.weights())
    #expect(other.all == model.all)
  }

  @Test func `a file that does not fit names the key and changes nothing`() throws {
    let model = SmallModel<Float>(seed: 1)
    let before = model.all
    func problem(_ change: (inout SafeTensors) -> Void) -> LoadingReport? {
      var file = SmallModel<Float>(seed: 2).weights()
      change(&file)
      do throws(WeightsError) {
        try model.load(file, from: "w.safetensors")
        return nil
      } catch {
        #expect("\(error)".hasPrefix("w.safetensors: "))
        #expect(error.report?.problemCount == 1)
        return error.report
      }
    }
    #expect(
      problem { $0.tensors["second.weight"] = nil }?.missing == ["second.weight"])
    #expect(
      problem { $0.tensors["third.bias"] = .init([Float(1)], shape: [1]) }?.unexpected
        == ["third.bias"])
    #expect(
      problem { $0.tensors["second.weight"] = .init([1, 2] as [Float], shape: [2, 1]) }?.misshapen
        == [.init(name: "second.weight", expected: [2, 4], found: [2, 1])])
    #expect(
      problem {
        $0.tensors["second.weight"] = .init([Int64](repeating: 0, count: 8), shape: [2, 4])
      }?.wrongTypes == [.init(name: "second.weight", found: .int64)])
    let header =
      #"{"w":{"dtype":"F8_E4M3","shape":[2,4],"data_offsets":[0,8]}}"#
    let bytes =
      [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + header.utf8 + [1, 2, 3, 4, 5, 6, 7, 8]
    let strange = try SafeTensors(bytes: bytes).entry("w")
    #expect(
      problem { $0.tensors["second.weight"] = strange }?.wrongTypes
        == [.init(name: "second.weight", found: .float8e4m3)])
    #expect(model.all == before)
    #expect(problem { _ in } == nil)
    #expect(model.all != before)
  }

  @Test func `a missing file and one of another kind are told apart`() throws {
    try withTemporaryDirectory { directory in
      let model = SmallModel<Float>(seed: 1)
      let path = "\(directory)/none.safetensors"
      do throws(WeightsError) {
        try model.load(from: path)
        Issue.record("nothing was thrown")
      } catch {
        guard case .unreadable = error.problem else {
          Issue.record("\(error)")
          return
        }
        #expect("\(error)".contains(path))
      }
      try AtomicFile.write("no safetensors", to: path)
      do throws(WeightsError) {
        try model.load(from: path)
        Issue.record("nothing was thrown")
      } catch {
        guard case .malformed = error.problem else {
          Issue.record("\(error)")
          return
        }
      }
    }
  }
}
