/// Runs the body and ends the program at the first operation whose result, or whose gradient on the
/// way back, is NaN or infinite. The message names the operation, the line of the program that
/// called it, the layer's path where an operand is a parameter, and the first such element.
///
/// Put it around a call that differentiates: only there are operations looked at, those on
/// constants alone excepted. Each then takes some tens of microseconds more.
///
///     let (loss, gradients) = stoppingAtNonFinite {
///       valueWithGradient(at: model) { ... }
///     }
///
/// The line is found on Linux, in what is compiled with debug information (as `swift build` does,
/// in release too).
///
/// - Parameters:
///   - allowsInfinity: whether only NaN stops, as where minus infinity stands for a masked path.
///   - body: runs on the calling thread.
public func stoppingAtNonFinite<Result, Failure: Error>(
  allowsInfinity: Bool = false, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  try Observers.with(NonFiniteSearch(allowsInfinity: allowsInfinity), body)
}

/// Looks at every tensor that an operation computes, and notes where operations are called, for the
/// backward pass.
private final class NonFiniteSearch: TapeObserver {
  private struct Site {
    let call: CallSite
    let path: String
  }

  private let allowsInfinity: Bool
  private var sites: [Int: Site] = [:]
  private var tape: Tape.Identity?

  init(allowsInfinity: Bool) { self.allowsInfinity = allowsInfinity }

  func computed(
    _ name: StaticString, _ results: [UntypedTensor], _ operands: [UntypedTensor], on tape: Tape,
    at index: Int?
  ) {
    let site = Site(call: .capture(), path: path(operands))
    if let index, tape == Tape.current {
      if self.tape != tape.identity { sites = [:] }
      self.tape = tape.identity
      sites[index] = site
    }
    for result in results {
      if let found = find(result) { stop(name, operands, site, found) }
    }
  }

  private func stop(
    _ name: StaticString, _ operands: [UntypedTensor], _ site: Site, _ found: String
  ) -> Never {
    let shapes = operands.map { "\($0.shape)" }.joined(separator: ", ")
    var sentence = "\(describe(name, site)) of \(shapes) gives \(found)"
    if let number = operands.indices.first(where: { find(operands[$0]) != nil }) {
      sentence += "; its operand \(number), a constant, is not finite either"
    }
    trap(sentence)
  }

  func passBegins(on tape: Tape) {}

  func tookBack(_ name: StaticString, _ gradients: [UntypedTensor], on tape: Tape, at index: Int) {
    for gradient in gradients {
      guard let found = find(gradient) else { continue }
      let site = tape.identity == self.tape ? sites[index] : nil
      trap("the gradient that \(describe(name, site)) sends to an operand has \(found)")
    }
  }

  private func describe(_ name: StaticString, _ site: Site?) -> String {
    let line = site?.call.line.map { ", called at \($0)," } ?? ""
    return "\(name)\(site?.path ?? "")\(line)"
  }

  private func path(_ operands: [UntypedTensor]) -> String {
    for operand in operands {
      let path = Compute.layerPath(operand)
      if !path.isEmpty { return path }
    }
    return ""
  }

  /// The first element that stops, and its position.
  private func find(_ tensor: UntypedTensor) -> String? {
    switch tensor.type {
    case .float: find(tensor, Float.self)
    case .double: find(tensor, Double.self)
    case .int32, .uint8, .bool: nil
    }
  }

  private func find<Scalar: FloatingPointScalar>(_ tensor: UntypedTensor, _: Scalar.Type) -> String?
  {
    let tensor = Compute.contiguous(tensor)
    return withExtendedLifetime(tensor) {
      let scalars = UnsafeBufferPointer(start: tensor.pointer(Scalar.self), count: tensor.count)
      // 0 times anything else is 0.
      var sum: Scalar = 0
      for scalar in scalars { sum += scalar * 0 }
      if sum == 0 { return nil }
      let first = scalars.firstIndex { $0.isNaN || (!allowsInfinity && $0.isInfinite) }
      guard let first else { return nil }
      let position = tensor.shape.position(first)
      return "\(scalars[first]) at \(position) of a tensor of shape \(tensor.shape)"
    }
  }
}
