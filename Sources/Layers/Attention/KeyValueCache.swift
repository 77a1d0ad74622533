public import Autograd

/// The keys and values of the positions that a decoder has been through, head by head: what
/// self-attention needs to go on a step at a time without computing them again.
///
/// It is a value: a copy goes its own way. Its memory doubles when it is full, and a step writes its
/// own part in place as long as nothing else holds the cache; a copy, or keys and values that are on
/// a tape, cost a copy of what is there.
public struct KeyValueCache<Scalar: FloatingPointScalar>: BatchState, Sendable {
  /// Number of positions so far.
  public private(set) var count = 0
  /// `[batch, heads, capacity, features]`; nil before the first position.
  private var storage: (keys: Tensor<Scalar>, values: Tensor<Scalar>)?

  /// No positions yet.
  public init() {}

  /// Keys and values of all positions so far, `[batch, heads, count, features]` each, as views;
  /// nil before the first position.
  package var parts: (keys: Tensor<Scalar>, values: Tensor<Scalar>)? {
    storage.map {
      ($0.keys.narrowed(axis: 2, to: 0..<count), $0.values.narrowed(axis: 2, to: 0..<count))
    }
  }

  /// Goes on by some positions.
  ///
  /// - Parameters:
  ///   - keys: `[batch, heads, new, features]`
  ///   - values: of the same shape.
  mutating func append(keys: Tensor<Scalar>, values: Tensor<Scalar>) {
    let new = keys.shape[2]
    guard var old = storage else {
      storage = (keys, values)
      count = new
      return
    }
    if old.keys.shape[0] != keys.shape[0] {
      trap(
        "KeyValueCache: \(keys.shape[0]) sequences go on, and the cache has \(old.keys.shape[0])")
    }
    if recording([old.keys.untyped, old.values.untyped, keys.untyped, values.untyped]) != nil {
      // Part of a gradient: what is there must stay on its tape.
      let so = parts!
      storage = (
        .concatenated([so.keys, keys], axis: 2), .concatenated([so.values, values], axis: 2)
      )
    } else {
      storage = nil  // So that the memory has no other reference.
      Self.write(keys, after: count, in: &old.keys)
      Self.write(values, after: count, in: &old.values)
      storage = old
    }
    count += new
  }

  /// The sequences with the given numbers, which may repeat: for a beam search.
  public func rows(_ indices: Tensor<Int32>) -> KeyValueCache {
    var result = self
    result.storage = storage.map { ($0.keys.rows(indices), $0.values.rows(indices)) }
    return result
  }

  /// Writes `new` after the first `count` positions of a tensor, in its place if there is room.
  private static func write(
    _ new: Tensor<Scalar>, after count: Int, in old: inout Tensor<Scalar>
  ) {
    let (shape, added) = (old.shape, new.shape[2])
    let rows = shape[0] * shape[1]
    if count + added > shape[2] {
      let room = Swift.max(2 * shape[2], count + added) - count
      let rest: Shape = [shape[0], shape[1], room, shape[3]]
      old = .concatenated([old.narrowed(axis: 2, to: 0..<count), .zeros(rest)], axis: 2)
    }
    let (stride, length) = (old.shape[2] * shape[3], added * shape[3])
    old.withUnsafeMutableScalars { target in
      new.withUnsafeScalars { source in
        for row in 0..<rows {
          let offset = row * stride + count * shape[3]
          for i in 0..<length { target[offset + i] = source[row * length + i] }
        }
      }
    }
  }
}
