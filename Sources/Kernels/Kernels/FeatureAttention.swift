/// Attention to each feature by itself with a tanh score: a softmax over the steps of `tanh(score)`,
/// and the mean of the states that it weighs.
///
/// A tanh lies between -1 and 1, so its exponential needs no maximum taken off it first: the
/// weights' sums and the weighted sums of the states grow together, in one pass over the steps.
extension VectorInstructions {
  /// `KernelSet.featureAttention`.
  @inlinable
  public static func featureAttention(
    scores: UnsafePointer<Stored>, states: UnsafePointer<Stored>,
    squashed: UnsafeMutablePointer<Stored>,
    total: UnsafeMutablePointer<Stored>, sum: UnsafeMutablePointer<Stored>, count: Int
  ) {
    @inline(__always) func pass(_ i: Int, _ lanes: Int) {
      let t = tanh(load(scores + i, lanes: lanes, else: 0))
      let weight = expOfNormal(t)
      let state = load(states + i, lanes: lanes, else: 0)
      store(t, squashed + i, lanes: lanes)
      store(load(total + i, lanes: lanes, else: 0) + weight, total + i, lanes: lanes)
      store(fma(weight, state, load(sum + i, lanes: lanes, else: 0)), sum + i, lanes: lanes)
    }
    var start = 0
    while start &+ width <= count {
      pass(start, width)
      start &+= width
    }
    if start < count { pass(start, count &- start) }
  }

  /// `KernelSet.featureAttentionGradient`.
  @inlinable
  public static func featureAttentionGradient(
    _ gradient: UnsafePointer<Stored>, squashed: UnsafePointer<Stored>,
    states: UnsafePointer<Stored>,
    total: UnsafePointer<Stored>, context: UnsafePointer<Stored>,
    toScores scoresResult: UnsafeMutablePointer<Stored>,
    toStates statesResult: UnsafeMutablePointer<Stored>, count: Int
  ) {
    let one = splat(1)
    @inline(__always) func pass(_ i: Int, _ lanes: Int) {
      let t = load(squashed + i, lanes: lanes, else: 0)
      let weight = expOfNormal(t) / load(total + i, lanes: lanes, else: 1)
      let flow = weight * load(gradient + i, lanes: lanes, else: 0)
      let deviation =
        load(states + i, lanes: lanes, else: 0) - load(context + i, lanes: lanes, else: 0)
      store(flow, statesResult + i, lanes: lanes)
      store(flow * deviation * (one - t * t), scoresResult + i, lanes: lanes)
    }
    var start = 0
    while start &+ width <= count {
      pass(start, width)
      start &+= width
    }
    if start < count { pass(start, count &- start) }
  }
}
