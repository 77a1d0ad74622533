public import Autograd

/// Where sequences have a step: `[batch, time]`, true before a sequence's end.
public func sequenceMask(lengths: [Int], time: Int) -> Tensor<Bool> {
  Tensor(
    lengths.flatMap { length in (0..<time).map { $0 < length } }, shape: [lengths.count, time])
}

/// Which positions may be attended to by a decoder that has not seen what follows: `[count, keys]`,
/// true where the key is not behind the query.
///
/// - Parameters:
///   - count: number of queries, at the positions `start ..< start + count`.
///   - start: position of the first query; there are `start + count` keys.
public func causalMask(_ count: Int, from start: Int = 0) -> Tensor<Bool> {
  let keys = start + count
  return Tensor(
    (0..<(count * keys)).map { $0 % keys <= start + $0 / keys }, shape: [count, keys])
}
