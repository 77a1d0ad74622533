public import Autograd

/// Where sequences have a step: `[batch, time]`, true before a sequence's end.
///
/// - Parameter lengths: each from 0 to `time`; anything else traps.
public func sequenceMask(lengths: [Int], time: Int) -> Tensor<Bool> {
  if let wrong = lengths.first(where: { $0 < 0 || $0 > time }) {
    trap("sequenceMask: a length of \(wrong) for sequences of \(time) steps")
  }
  return Tensor(
    lengths.flatMap { length in (0..<time).map { $0 < length } }, shape: [lengths.count, time])
}

/// Which positions may be attended to by a decoder that has not seen what follows: `[count, keys]`,
/// true where the key is not after the query.
///
/// - Parameters:
///   - count: number of queries, at the positions `start ..< start + count`.
///   - start: position of the first query; there are `start + count` keys.
public func causalMask(_ count: Int, from start: Int = 0) -> Tensor<Bool> {
  expect(count, atLeast: 0, "causalMask", "count")
  expect(start, atLeast: 0, "causalMask", "start")
  let keys = start + count
  return Tensor(
    (0..<(count * keys)).map { $0 % keys <= start + $0 / keys }, shape: [count, keys])
}
