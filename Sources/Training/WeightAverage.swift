import Autograd
public import Layers

/// The average of a model's weights in the course of a training, which is often better than the
/// weights themselves (Polyak and Juditsky, 1992).
///
/// With a decay it moves: after step t, `average = d average + (1 - d) weights`,
/// d = min(decay, (1 + t) / (10 + t)), so that the first weights are soon forgotten. Without one it
/// is the mean of the weights at all updates (Izmailov et al., 2018), which one then makes late and
/// seldom, once an epoch for instance.
public struct WeightAverage {
  /// How much of the average stays in a step, at most; nil where all updates count alike.
  public let decay: Double?
  /// Number of updates.
  public private(set) var steps = 0
  private var averages: [String: [Double]] = [:]

  /// An average of nothing yet.
  ///
  /// - Parameter decay: how much of the average stays in a step; nil where all updates count alike.
  public init(decay: Double? = 0.999) {
    if let decay, !(0..<1).contains(decay) {
      trap("WeightAverage: a decay of \(decay) is not in 0 ..< 1")
    }
    self.decay = decay
  }

  /// Takes note of the weights after a step.
  public mutating func update(_ model: some Layer) {
    steps += 1
    let gain =
      decay.map { 1 - min($0, Double(1 + steps) / Double(10 + steps)) } ?? 1 / Double(steps)
    for (name, parameter) in model.parameters {
      switch parameter {
      case let parameter as Parameter<Float>: add(parameter.tensor, gain, name)
      case let parameter as Parameter<Double>: add(parameter.tensor, gain, name)
      default: trap("\(name) is not a parameter of Float or Double")
      }
    }
  }

  /// Calls the body while the model has the averaged weights.
  public func applied<Result, Failure: Error>(
    to model: some Layer, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let weights = model.weights()
    apply(to: model)
    defer {
      do {
        try model.load(weights)
      } catch {
        trap("the model has changed its parameters meanwhile: \(error)")
      }
    }
    return try body()
  }

  /// Gives the model the averaged weights for good. It is the one whose weights were averaged, or has
  /// parameters of the same names; before the first update nothing changes.
  public func apply(to model: some Layer) {
    if steps == 0 { return }
    for (name, parameter) in model.parameters {
      guard let average = averages[name] else {
        trap(
          "WeightAverage: there is no average of '\(name)'; each model has an average of its own")
      }
      parameter.scalars = average
    }
  }

  private mutating func add<Scalar: FloatingPointScalar>(
    _ tensor: Tensor<Scalar>, _ gain: Double, _ name: String
  ) {
    // In double precision: a gain of 0.001 on a nearly equal number would be lost in `Float`.
    tensor.withUnsafeScalars { scalars in
      guard averages[name]?.count == scalars.count else {
        averages[name] = scalars.map { Double($0) }
        return
      }
      averages[name]!.withUnsafeMutableBufferPointer { average in
        move(average.baseAddress, scalars.baseAddress, gain, scalars.count)
      }
    }
  }
}

/// `average += gain (scalars - average)`.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func move<Scalar: FloatingPointScalar>(
  _ average: UnsafeMutablePointer<Double>?, _ scalars: UnsafePointer<Scalar>?, _ gain: Double,
  _ count: Int
) {
  guard let average, let scalars else { return }
  for i in 0..<count { average[i] += gain * (Double(scalars[i]) - average[i]) }
}

// MARK: Files

extension WeightAverage {
  /// The averages as tensors named `prefix` + parameter.
  func saved(prefix: String) -> [String: StoredTensor] {
    var tensors: [String: StoredTensor] = [:]
    for (name, average) in averages {
      tensors[prefix + name] = .init(average, shape: [average.count])
    }
    return tensors
  }

  /// What `saved` has saved, for the parameters of a model.
  init(
    _ file: SafeTensors, prefix: String, decay: Double?, steps: Int,
    parameters: [(name: String, type: ScalarType, shape: Shape)]
  ) throws(TensorFileError) {
    if let decay, !(0..<1).contains(decay) {
      throw TensorFileError(
        "a decay in 0 ..< 1", found: "\(decay)", at: .init(file: file.file))
    }
    self.init(decay: decay)
    self.steps = steps
    if steps == 0 { return }
    for (name, _, shape) in parameters {
      averages[name] = try file.entry(prefix + name, shape: [shape.elementCount]).doubles()
    }
  }
}
