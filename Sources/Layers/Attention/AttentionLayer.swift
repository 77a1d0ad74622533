public import Autograd

/// Feature-wise attention with a tanh score: `softmax(tanh(attention(h))) * h`, the softmax over
/// time, of each feature by itself.
///
/// The result keeps the axis of time: its sum over time is the weighted mean of the states.
public struct AttentionLayer<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// What the tanh is taken of: `[hidden]` to `[hidden]`.
  public let attention: Linear<Scalar>

  /// - Parameters:
  ///   - hiddenSize: number of features.
  ///   - generator: weight and bias start uniform in ±1/sqrt(hiddenSize).
  public init(_ hiddenSize: Int, using generator: inout some RandomNumberGenerator) {
    attention = Linear(inputs: hiddenSize, outputs: hiddenSize, using: &generator)
  }

  /// - Parameters:
  ///   - states: `[batch, time, hidden]`
  ///   - keyMask: true = may attend: `[batch, time]`. Elsewhere the result is 0, and the states are
  ///     not looked at.
  /// - Returns: `[batch, time, hidden]`
  public func callAsFunction(
    _ states: Tensor<Scalar>, keyMask: Tensor<Bool>? = nil
  ) -> Tensor<Scalar> {
    let (states, allowed) = prepare(states, keyMask)
    return weights(states, allowed) * states
  }

  /// What each feature of each step is weighted by.
  ///
  /// - Parameters: as for a call.
  /// - Returns: `[batch, time, hidden]`; the weights of a feature sum to 1 over time.
  public func weights(_ states: Tensor<Scalar>, keyMask: Tensor<Bool>? = nil) -> Tensor<Scalar> {
    let (states, allowed) = prepare(states, keyMask)
    return weights(states, allowed)
  }

  private func weights(_ states: Tensor<Scalar>, _ allowed: Tensor<Bool>?) -> Tensor<Scalar> {
    softmax(tanh(attention(states)), axis: 1, mask: allowed)
  }

  /// The sum over time of what a call returns, as one operation that stores neither weights nor
  /// weighted states.
  ///
  /// - Parameters:
  ///   - states: `[batch, time, hidden]`
  ///   - keyMask: true = may attend: `[batch, time]`; a row without any gives zeros.
  /// - Returns: `[batch, hidden]`
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func context(_ states: Tensor<Scalar>, keyMask: Tensor<Bool>? = nil) -> Tensor<Scalar> {
    let (states, _) = prepare(states, keyMask)
    return featureAttention(
      states: states, weight: attention.weight, bias: attention.bias, keyMask: keyMask)
  }

  /// The states without what the mask excludes, and the mask with an axis of features.
  private func prepare(
    _ states: Tensor<Scalar>, _ mask: Tensor<Bool>?
  ) -> (states: Tensor<Scalar>, allowed: Tensor<Bool>?) {
    if states.rank != 3 {
      trap(
        "AttentionLayer: states of shape \(states.shape); [batch, time, hidden] is expected"
          + layerPath)
    }
    if let mask,
      mask.rank != 2 || mask.shape[0] != states.shape[0]
        || mask.shape[1] != states.shape[1]
    {
      trap(
        "AttentionLayer: a mask of shape \(mask.shape) for states of shape \(states.shape): "
          + "[batch, time] is expected\(layerPath)")
    }
    let allowed = mask?.unsqueezed(axis: 2)
    return (states.cleared(where: allowed.map { !$0 }), allowed)
  }
}
