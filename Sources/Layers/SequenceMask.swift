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
