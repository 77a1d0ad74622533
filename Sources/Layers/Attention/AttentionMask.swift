package import Autograd

/// A mask of attention, looked at once: which weights may differ from 0, which keys nothing may
/// attend to, and which queries have nothing to attend to.
///
/// The last two are replaced by zeros before anything is computed from them. Their weights and the
/// weights' gradients are 0, but 0 times a NaN or an infinity in padding is NaN.
package struct AttentionMask: Sendable {
  /// True = may attend: `[batch, 1 or queries, keys]`
  package let allowed: Tensor<Bool>
  /// True = no query may attend to it: `[batch, keys, 1]`; nil if there is no such key.
  package let unusedKeys: Tensor<Bool>?
  /// True = nothing to attend to: `[batch, 1 or queries, 1]`; nil if there is no such query.
  package let emptyQueries: Tensor<Bool>?

  /// Nil where neither mask is given.
  ///
  /// - Parameters:
  ///   - keyMask: `[batch, keys]`
  ///   - mask: `[batch, queries, keys]`
  package init?(keyMask: Tensor<Bool>?, mask: Tensor<Bool>?) {
    switch (keyMask?.unsqueezed(axis: 1), mask) {
    case (nil, nil): return nil
    case (let allowed?, nil), (nil, let allowed?): self.init(allowed)
    case (let keys?, let pairs?): self.init(pairs & keys)
    }
  }

  /// - Parameter allowed: `[batch, 1 or queries, keys]`
  package init(_ allowed: Tensor<Bool>) {
    self.allowed = allowed
    let shape = allowed.shape
    let (batch, queries, keys) = (shape[0], shape[1], shape[2])
    var isUnused = [Bool](repeating: true, count: batch * keys)
    var isEmpty = [Bool](repeating: true, count: batch * queries)
    allowed.withUnsafeScalars { scalars in
      for row in 0..<(batch * queries) {
        let first = row / queries * keys
        for key in 0..<keys where scalars[row * keys + key] {
          isUnused[first + key] = false
          isEmpty[row] = false
        }
      }
    }
    unusedKeys = isUnused.contains(true) ? Tensor(isUnused, shape: [batch, keys, 1]) : nil
    emptyQueries = isEmpty.contains(true) ? Tensor(isEmpty, shape: [batch, queries, 1]) : nil
  }

  /// The mask of the sentences with the given numbers.
  func rows(_ indices: Tensor<Int32>) -> AttentionMask {
    AttentionMask(Tensor(Autograd.rows(allowed.untyped, indices.untyped)))
  }
}

extension Tensor where Scalar: FloatingPointScalar {
  /// Zeros where the mask is true, and no gradient there; itself without a mask.
  func cleared(where mask: Tensor<Bool>?) -> Tensor {
    guard let mask else { return self }
    return filled(where: mask, with: 0)
  }
}
