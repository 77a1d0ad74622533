import Autograd
public import Layers

extension SinusoidalPositions: ONNXMapping {
  /// `[batch, time, size]`
  public var onnxSignature: ONNXSignature {
    ONNXSignature(Scalar.onnxType, ["batch", "time", .size(table.shape[1])])
  }

  /// The waves from the first position on; see `callAsFunction(_:from:)`.
  public func callAsFunction(_ x: ONNXValue) -> ONNXValue { self(x, from: nil) }

  /// Adds the waves, which are computed: there are as many positions as are asked for.
  ///
  /// - Parameters:
  ///   - x: `[batch, time, size]`
  ///   - start: position of the first step, without axes; nil for 0.
  public func callAsFunction(_ x: ONNXValue, from start: ONNXValue?) -> ONNXValue {
    let size = table.shape[1]
    let (sines, cosines) = waves(
      x, timeAxis: 1, start, count: (size + 1) / 2, size: size, base: base)
    let both = ONNXValue.concatenated([sines, cosines].map { $0.unsqueezed([2]) }, axis: 2)
    let table = both.reshaped([0, -1])  // [time, size or one more]
    return x + (size % 2 == 0 ? table : table.narrowed(axis: 1, to: 0..<size))
  }
}

extension LearnedPositions: ONNXMapping {
  /// `[batch, time, size]`, of at most as many steps as there are vectors.
  public var onnxSignature: ONNXSignature {
    ONNXSignature(Scalar.onnxType, ["batch", "time", .size($weight.shape[1])])
  }

  /// The vectors from the first position on.
  public func callAsFunction(_ x: ONNXValue) -> ONNXValue { self(x, from: nil) }

  /// Adds the vectors of the positions.
  ///
  /// - Parameters:
  ///   - x: `[batch, time, size]`
  ///   - start: position of the first step, without axes; nil for 0.
  public func callAsFunction(_ x: ONNXValue, from start: ONNXValue?) -> ONNXValue {
    x.graph.inside(self) { x + x.graph.parameter($weight).rows(positions(x, timeAxis: 1, start)) }
  }
}

extension RotaryPositions: ONNXMapping {
  /// `[batch, time, size]`; in a model of one's own, `callAsFunction(_:from:timeAxis:)` takes more axes.
  public var onnxSignature: ONNXSignature {
    ONNXSignature(Scalar.onnxType, ["batch", "time", .size(size)])
  }

  /// Turned from the first position on.
  public func callAsFunction(_ x: ONNXValue) -> ONNXValue { self(x, from: nil, timeAxis: 1) }

  /// Turns the pairs by their angles, which are computed: there are as many positions as are asked for.
  ///
  /// - Parameters:
  ///   - x: `[..., time, size]`
  ///   - start: position of the first step, without axes; nil for 0.
  ///   - timeAxis: the axis of time, the last but one.
  public func callAsFunction(
    _ x: ONNXValue, from start: ONNXValue?, timeAxis: Int
  ) -> ONNXValue {
    let half = size / 2
    let (sines, cosines) = waves(
      x, timeAxis: timeAxis, start, count: half, size: size, base: base)
    let last = timeAxis + 1
    let pairs =
      switch pairing {
      case .halves: x.chunked(axis: last, into: 2)
      case .neighbours:
        [0, 1].map { x.narrowed(axis: last, from: x.graph.constant([$0]), step: 2) }
      }
    let turned = [
      pairs[0] * cosines - pairs[1] * sines, pairs[0] * sines + pairs[1] * cosines,
    ]
    switch pairing {
    case .halves: return .concatenated(turned, axis: last)
    case .neighbours:
      let stacked = ONNXValue.concatenated(
        turned.map { $0.unsqueezed([last + 1]) }, axis: last + 1)
      return stacked.reshaped(Array(repeating: 0, count: last) + [.size(size)])
    }
  }
}

/// The positions of a sequence's steps, `[time]`.
private func positions(_ x: ONNXValue, timeAxis: Int, _ start: ONNXValue?) -> ONNXValue {
  let start = start ?? x.graph.constant(0, .int64)
  return x.graph.range(start, start + x.count(timeAxis))
}

/// Sine and cosine of `position / base^(2i / size)`, `[time, count]`. The angles are of double
/// precision, as large positions need.
private func waves(
  _ x: ONNXValue, timeAxis: Int, _ start: ONNXValue?, count: Int, size: Int, base: Double
) -> (sines: ONNXValue, cosines: ONNXValue) {
  let rates = (0..<count).map { i in
    pow(Tensor<Double>(base), Tensor(-2 * Double(i) / Double(size))).scalar
  }
  let places = positions(x, timeAxis: timeAxis, start).converted(to: .double).unsqueezed([1])
  let angles = places * x.graph.initializer("constant/rates \(base) \(size)", Tensor(rates))
  return (sin(angles).converted(to: x.type), cos(angles).converted(to: x.type))
}
