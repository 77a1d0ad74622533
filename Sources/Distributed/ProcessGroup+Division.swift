import Autograd
import Training

extension ProcessGroup {
  /// What some work makes of inputs that the ranks divide among themselves; all get all of it.
  ///
  /// ```swift
  /// let texts = try group.divided(sentences) { try translator.texts(of: $0) }
  /// ```
  ///
  /// Each rank has every `size`th input, so that what is sorted by length is divided evenly.
  ///
  /// - Parameters:
  ///   - inputs: the same on all ranks.
  ///   - work: gets some of the inputs, and gives as many outputs, in their order. It calls nothing
  ///     that waits for other ranks.
  /// - Throws: what the work throws, on the rank where it does; there `TrainingError.rankFailed` on
  ///   the others.
  public func divided<Input, Output: Codable>(
    _ inputs: [Input], _ work: ([Input]) throws -> [Output]
  ) throws -> [Output] {
    let result = Result {
      let own = stride(from: rank, to: inputs.count, by: size).map { inputs[$0] }
      let outputs = try work(own)
      if outputs.count != own.count {
        trap("ProcessGroup.divided: \(outputs.count) outputs of \(own.count) inputs")
      }
      return Array(try StrictJSON.text(outputs).utf8)
    }
    // Whether it is outputs or a sentence stands before.
    let sent: [UInt8] =
      switch result {
      case .success(let bytes): [1] + bytes
      case .failure(let error): [0] + Array("\(error)".utf8)
      }
    var outputs = [Output?](repeating: nil, count: inputs.count)
    var failure: TrainingError?
    for root in 0..<size {
      let bytes = try broadcast(sent, from: root)
      let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
      if bytes[0] == 0 {
        failure = failure ?? .rankFailed(rank: root, of: size, sentence: text)
      } else if failure == nil {
        let part: [Output] = try StrictJSON.decoded(text)
        for (index, output) in part.enumerated() { outputs[root + index * size] = output }
      }
    }
    if let failure {
      allKnowOfFailure()
      _ = try result.get()
      throw failure
    }
    return outputs.map { $0! }
  }

  /// A value of rank 0.
  public func broadcast<Value: Codable>(_ value: Value) throws -> Value {
    let bytes = try broadcast(rank == 0 ? Array(StrictJSON.text(value).utf8) : [], from: 0)
    return rank == 0 ? value : try StrictJSON.decoded(String(decoding: bytes, as: UTF8.self))
  }
}
