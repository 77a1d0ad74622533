// The functions of `Python/tapestry.h`, which says what each does. Not one of them traps for what a
// caller hands over: what cannot be done is a sentence of `tapestry_error`.

/// `tapestry_close` of the header.
@c(tapestry_close)
public func closeModel(_ model: Int64) -> Int32 {
  answer(orElse: -1) {
    try Handles.shared.remove(model, (any AnyOpenModel).self, "model")
    return 0
  }
}

/// `tapestry_describe` of the header.
@c(tapestry_describe)
public func describeModel(
  _ model: Int64, _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int64
) -> Int64 {
  answer(orElse: -1) { copy(try Handles.shared.model(model).describe(), to: buffer, size: size) }
}

/// `tapestry_call` of the header.
@c(tapestry_call)
public func callModel(
  _ model: Int64, _ function: UnsafePointer<CChar>?, _ inputs: UnsafeRawPointer?, _ count: Int32,
  _ outputs: UnsafeMutablePointer<UnsafeRawPointer?>?, _ outputCount: UnsafeMutablePointer<Int32>?
) -> Int64 {
  answer(orElse: 0) {
    let name = try function.map { try text($0, "function") }
    let result = try Handles.shared.model(model).call(name, GivenTensor.all(inputs, count))
    return hand(result, outputs, outputCount)
  }
}

/// `tapestry_weights` of the header.
@c(tapestry_weights)
public func weightsOfModel(
  _ model: Int64, _ outputs: UnsafeMutablePointer<UnsafeRawPointer?>?,
  _ outputCount: UnsafeMutablePointer<Int32>?
) -> Int64 {
  answer(orElse: 0) { hand(try Handles.shared.model(model).weights(), outputs, outputCount) }
}

private func hand(
  _ result: CallResult, _ outputs: UnsafeMutablePointer<UnsafeRawPointer?>?,
  _ outputCount: UnsafeMutablePointer<Int32>?
) -> Int64 {
  outputs?.pointee = UnsafeRawPointer(result.tensors)
  outputCount?.pointee = Int32(result.count)
  return Handles.shared.add(result)
}

/// `tapestry_release` of the header.
@c(tapestry_release)
public func releaseResult(_ result: Int64) -> Int32 {
  answer(orElse: -1) {
    try Handles.shared.remove(result, CallResult.self, "result")
    return 0
  }
}

/// `tapestry_set_optimizer` of the header.
@c(tapestry_set_optimizer)
public func setOptimizer(
  _ model: Int64, _ name: UnsafePointer<CChar>?, _ rate: Double, _ weightDecay: Double,
  _ clip: Double, _ seed: UInt64
) -> Int32 {
  answer(orElse: -1) {
    let rule = try TrainingRule(
      text(name, "optimizer's name"), rate: rate, weightDecay: weightDecay < 0 ? nil : weightDecay,
      clip: clip == 0 ? nil : clip, seed: seed)
    try Handles.shared.model(model).begin(rule)
    return 0
  }
}

/// `tapestry_set_rate` of the header.
@c(tapestry_set_rate)
public func setRate(_ model: Int64, _ rate: Double) -> Int32 {
  answer(orElse: -1) {
    try Handles.shared.model(model).setRate(rate)
    return 0
  }
}

/// `tapestry_train` of the header.
@c(tapestry_train)
public func trainModel(
  _ model: Int64, _ examples: UnsafeRawPointer?, _ count: Int32,
  _ loss: UnsafeMutablePointer<Double>?
) -> Int32 {
  answer(orElse: -1) {
    let value = try Handles.shared.model(model).train(GivenTensor.all(examples, count))
    loss?.pointee = value
    return 0
  }
}

/// `tapestry_save` of the header.
@c(tapestry_save)
public func saveModel(_ model: Int64, _ path: UnsafePointer<CChar>?) -> Int32 {
  answer(orElse: -1) {
    try Handles.shared.model(model).save(to: text(path, "path"))
    return 0
  }
}

/// `tapestry_error` of the header.
@c(tapestry_error)
public func lastError(_ buffer: UnsafeMutablePointer<CChar>?, _ size: Int64) -> Int64 {
  copy(LastError.text, to: buffer, size: size)
}
