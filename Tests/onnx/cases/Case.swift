import Autograd
import Interchange
import Layers
import ONNX
import Platform
import Training

/// A model with what it makes of random inputs of two sizes, to be compared in ONNX Runtime.
struct Case {
  /// Batch and time of the runs.
  static let sizes = [(batch: 3, time: 7), (batch: 2, time: 12)]

  /// What it is called.
  let name: String
  let graphs: () throws -> [ONNXGraph]
  /// For each size the inputs, and what should come out.
  let runs: [Run]

  /// - Parameters:
  ///   - model: what is compared.
  ///   - isTrained: whether its parameters stay what they are; else they become random ones.
  ///   - run: fills a run of a batch and a time.
  init<Model: ONNXExportable>(
    _ name: String, _ model: Model, isTrained: Bool = false, _ run: (inout Run, Model) -> Void
  ) {
    self.name = name
    var generator = Generator(seed: 7)
    if !isTrained { randomize(model, &generator) }
    graphs = { try model.onnxGraphs() }
    runs = Self.sizes.enumerated().map { number, size in
      var made = Run(
        batch: size.batch, time: size.time, generator: Generator(seed: UInt64(number + 1)))
      withoutGradient { run(&made, model) }
      return made
    }
  }

  /// A layer that makes one tensor of one other.
  ///
  /// - Parameters:
  ///   - shape: of the input, given batch and time.
  ///   - apply: the layer's call.
  init<Model: ONNXMapping, Scalar: FloatingPointScalar>(
    _ name: String, _ model: Model, shape: @escaping (Int, Int) -> Shape,
    _ apply: (Model, Tensor<Scalar>) -> Tensor<Scalar>
  ) {
    self.init(name, model) { run, model in
      let x: Tensor<Scalar> = run.input("x", shape(run.batch, run.time))
      run.output("output", apply(model, x))
    }
  }

  /// Writes graphs and runs into a folder.
  func write(to folder: String) throws {
    try FileSystem.makeDirectory(folder)
    let graphs = try graphs()
    for graph in graphs {
      try graph.write(
        to: graphs.count == 1 ? "\(folder)/model.onnx" : "\(folder)/model.\(graph.name).onnx")
    }
    for (number, run) in runs.enumerated() { try run.arrays.write(npz: "\(folder)/\(number).npz") }
  }
}

/// Inputs of a size, and what should come out.
struct Run {
  let batch: Int
  let time: Int
  var generator: Generator
  private(set) var arrays: [String: StoredTensor] = [:]

  init(batch: Int, time: Int, generator: Generator) {
    (self.batch, self.time, self.generator) = (batch, time, generator)
  }

  /// Normal numbers.
  ///
  /// - Parameter mask: where there are some, without the last axis; elsewhere there is NaN.
  mutating func input<Scalar: FloatingPointScalar>(
    _ name: String, _ shape: Shape, present mask: Tensor<Bool>? = nil
  ) -> Tensor<Scalar> {
    var tensor = Tensor<Scalar>.normal(shape, using: &generator)
    if let mask { tensor = tensor.filled(where: !mask.unsqueezed(axis: mask.rank), with: .nan) }
    arrays["input.\(name)"] = StoredTensor(tensor)
    return tensor
  }

  /// Sequences of different lengths, one of them of none; what stands after their ends are no numbers.
  mutating func sequences<Scalar: FloatingPointScalar>(
    _ name: String, size: Int
  ) -> (x: Tensor<Scalar>, lengths: [Int]) {
    let lengths = lengths(isFirstEmpty: true)
    let mask = sequenceMask(lengths: lengths, time: time)
    return (input(name, [batch, time, size], present: mask), lengths)
  }

  /// True more often than not, but nowhere in the first row of the batch.
  mutating func mask(_ name: String, _ shape: Shape) -> Tensor<Bool> {
    let count = shape.reduce(1, *)
    let scalars = (0..<count).map { $0 >= count / shape[0] && generator.uniform() < 0.7 }
    let tensor = Tensor<Bool>(scalars, shape: shape)
    arrays["input.\(name)"] = StoredTensor(tensor)
    return tensor
  }

  /// From 1 to the time, which one of them has.
  ///
  /// - Parameter isFirstEmpty: whether the first sequence has no step at all.
  mutating func lengths(isFirstEmpty: Bool = false) -> [Int] {
    var lengths = (0..<batch).map {
      $0 == 1 ? time : 1 + Int(generator.uniform() * Double(time))
    }
    if isFirstEmpty { lengths[0] = 0 }
    whole("input.lengths", lengths, [batch])
    return lengths
  }

  /// Numbers from a range.
  ///
  /// - Parameter name: with what it is, such as `input.words`.
  mutating func symbols(_ name: String, _ range: Range<Int>, _ shape: Shape) -> Tensor<Int32> {
    let numbers = (0..<shape.reduce(1, *)).map { _ in
      range.lowerBound + Int(generator.uniform() * Double(range.count))
    }
    whole(name, numbers, Array(shape))
    return Tensor(numbers.map { Int32($0) }, shape: shape)
  }

  /// Whole numbers, as a graph is given them.
  mutating func whole(_ name: String, _ numbers: [Int], _ shape: [Int]) {
    arrays[name] = StoredTensor(numbers.map { Int64($0) }, shape: shape)
  }

  /// What should come out.
  mutating func output<Scalar>(_ name: String, _ tensor: Tensor<Scalar>) {
    arrays["output.\(name)"] = StoredTensor(tensor)
  }

  /// Whole numbers that should come out.
  mutating func output(_ name: String, _ numbers: [Int]) {
    whole("output.\(name)", numbers, [numbers.count])
  }
}

/// Moves every parameter by normal numbers, so that biases are not 0 and scales not 1. A variance stays
/// above 0.
private func randomize(_ model: some Layer, _ generator: inout Generator) {
  for (name, box) in model.parameters {
    let noise = Tensor<Double>.normal(box.shape, deviation: 0.1, using: &generator).scalars
    box.scalars = zip(box.scalars, noise).map {
      name.hasSuffix("Variance") ? Swift.abs($0 + $1) + 0.1 : $0 + $1
    }
  }
}
