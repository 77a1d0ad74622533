import Platform

/// Runs the body with denormal numbers taken as zeros: operands that are denormal count as 0, and
/// results that would be are 0. It holds for the calling thread and for all threads that share its
/// work, and ends with the body.
///
/// Otherwise the library keeps gradual underflow, as IEEE 754 has it and PyTorch does. Arithmetic
/// on denormals is slower, though (`bench --filter denormal` measures it); gradients that vanish
/// over long sequences and Adam's second moments of small gradients fall into that range, where
/// nothing is learned from them. `Trainer` takes its steps in here; a training loop of your own can:
///
///     for batch in batches {
///       flushingDenormals {
///         let (loss, gradients) = valueWithGradient(at: model) { ... }
///         optimizer.update(model, along: gradients)
///       }
///     }
public func flushingDenormals<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let before = FloatingPointEnvironment.current
  FloatingPointEnvironment.current = before.flushingDenormals
  defer { FloatingPointEnvironment.current = before }
  return try body()
}
