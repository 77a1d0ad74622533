import Autograd
import Layers

extension RankExchange {
  /// The sum over all ranks of their gradients, each times its rank's share.
  ///
  /// - Parameters:
  ///   - own: this rank's gradients, with respect to the same parameters on all.
  ///   - share: what they count.
  ///   - isPresent: which of the parameters any rank has a gradient of; the others have none in the sum.
  func sum(_ own: Gradients, share: Double, isPresent: [Bool]) throws -> Gradients {
    let parameters = own.askedFor
    let values = own.valuesOfAskedFor
    var sums = [UntypedTensor?](repeating: nil, count: parameters.count)
    for bucket in GradientBucket.buckets(of: parameters, isPresent) {
      switch bucket.type {
      case .float: try sum(bucket, parameters, values, Float(share), &sums)
      case .double: try sum(bucket, parameters, values, share, &sums)
      case .int32, .bool, .uint8: trap("a gradient of \(bucket.type)")
      }
    }
    return own.replacingValues(sums)
  }

  private func sum<Scalar: FloatingPointScalar>(
    _ bucket: GradientBucket, _ parameters: [any AnyParameter], _ values: [UntypedTensor?],
    _ share: Scalar, _ sums: inout [UntypedTensor?]
  ) throws {
    let parts = bucket.positions.map { position in
      let count = parameters[position].shape.elementCount
      return values[position].map { Tensor<Scalar>($0).reshaped([count]) } ?? .zeros([count])
    }
    var flat = Tensor.concatenated(parts, axis: 0) * share
    try sum(&flat, of: bucket.positions)
    var start = 0
    for position in bucket.positions {
      let shape = parameters[position].shape
      let end = start + shape.elementCount
      sums[position] = flat.narrowed(axis: 0, to: start..<end).reshaped(shape).untyped
      start = end
    }
  }
}

/// Parameters whose gradients are sent together.
struct GradientBucket: Equatable {
  let type: ScalarType
  /// Which of the model's parameters they are.
  var positions: [Int]
  /// Elements of all.
  var count: Int

  /// Elements that a bucket has at most, unless it is one parameter's: 4 megabytes of `Float` stay in
  /// a core's cache from the copying to the sending, and are sent at a network's full speed.
  static let capacity = 1 << 20

  /// Buckets from the last parameter to the first, as a backward pass comes to them.
  static func buckets(of parameters: [any AnyParameter], _ isPresent: [Bool]) -> [GradientBucket] {
    var buckets: [GradientBucket] = []
    for (position, parameter) in parameters.enumerated().reversed() where isPresent[position] {
      let (type, count) = (parameter.scalarType, parameter.shape.elementCount)
      if let last = buckets.indices.last, buckets[last].type == type,
        buckets[last].count + count <= capacity
      {
        buckets[last].positions.append(position)
        buckets[last].count += count
      } else {
        buckets.append(GradientBucket(type: type, positions: [position], count: count))
      }
    }
    return buckets
  }
}
