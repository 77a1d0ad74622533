package import Autograd
package import Layers

/// Parameters whose gradients are sent together.
package struct GradientBucket: Equatable {
  package let type: ScalarType
  /// Which of the model's parameters they are.
  package var positions: [Int]
  /// Elements of all.
  package var count: Int

  /// Elements that a bucket has at most, unless it is one parameter's: 4 megabytes of `Float` stay in
  /// a core's cache from the copying to the sending, and are sent at a network's full speed.
  static let capacity = 1 << 20

  /// Buckets from the parameter that was met last to the first, as a backward pass finishes them.
  package static func buckets(of parameters: [any AnyParameter], met: [Int]) -> [GradientBucket] {
    var buckets: [GradientBucket] = []
    for position in met.reversed() {
      let (type, count) = (parameters[position].scalarType, parameters[position].shape.elementCount)
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
