public import Autograd

/// Where sequences have a step: `[batch, time]`, true before a sequence's end.
public func sequenceMask(lengths: [Int], time: Int) -> Tensor<Bool> {
  Tensor(
    lengths.flatMap { length in (0..<time).map { $0 < length } }, shape: [lengths.count, time])
}
