import Autograd
import Foundation
import Layers
import Training

/// Parameters by number, as the cases of optimizers have them.
struct NumberedParameters<Scalar: FloatingPointScalar>: Layer {
  let list: [Parameter<Scalar>]

  /// Gradients of the given values: those of the sum of products with them.
  func gradients(_ values: [Tensor<Scalar>]) -> Gradients {
    valueWithGradient(at: self) { model in
      zip(model.list, values).reduce(Tensor(0)) { $0 + ($1.0.wrappedValue * $1.1).sum() }
    }.gradients
  }
}

/// A conformance case of an optimizer or of clipping.
struct OptimizerCase {
  let name: String
  let file: SafeTensors
  private let attributes: [String: Any]

  init(path: String) throws {
    file = try SafeTensors(contentsOf: path)
    let text = Data((file.metadata["case"] ?? "").utf8)
    let object = try JSONSerialization.jsonObject(with: text) as? [String: Any]
    name = object?["op"] as? String ?? ""
    attributes = object?["attributes"] as? [String: Any] ?? [:]
  }

  func number(_ key: String) -> Double {
    if attributes[key] as? String == "inf" { return .infinity }
    return (attributes[key] as? NSNumber)?.doubleValue ?? .nan
  }

  private func flag(_ key: String) -> Bool { attributes[key] as? Bool ?? false }

  func tensor<Scalar: FloatingPointScalar>(
    _ key: String, _: Scalar.Type = Scalar.self
  ) throws -> Tensor<Scalar> {
    let entry = try file.entry(key)
    return Tensor(try entry.doubles().map { Scalar($0) }, shape: Shape(entry.shape))
  }

  /// All tensors `prefix0`, `prefix1`, ...
  func tensors<Scalar: FloatingPointScalar>(
    _ prefix: String, _: Scalar.Type = Scalar.self
  ) throws -> [Tensor<Scalar>] {
    try (0...).prefix { file.tensors["\(prefix)\($0)"] != nil }.map { try tensor("\(prefix)\($0)") }
  }

  /// Our optimizer with the case's settings; nil for clipping.
  var optimizer: (any Optimizer)? {
    let (rate, decay) = (number("lr"), number("weight_decay"))
    let (epsilon, maximizes) = (number("eps"), flag("maximize"))
    let betas = (attributes["betas"] as? [NSNumber])?.map(\.doubleValue) ?? [.nan, .nan]
    let isDecoupled = flag("decoupled_weight_decay")
    return switch name {
    case "SGD":
      SGD(
        learningRate: rate, momentum: number("momentum"), dampening: number("dampening"),
        weightDecay: decay, isNesterov: flag("nesterov"), maximizes: maximizes)
    case "Adam":
      Adam(
        learningRate: rate, beta1: betas[0], beta2: betas[1], epsilon: epsilon,
        weightDecay: decay, isDecoupled: isDecoupled, amsgrad: flag("amsgrad"),
        maximizes: maximizes)
    case "AdamW":
      AdamW(
        learningRate: rate, beta1: betas[0], beta2: betas[1], epsilon: epsilon,
        weightDecay: decay, amsgrad: flag("amsgrad"), maximizes: maximizes)
    case "NAdam":
      NAdam(
        learningRate: rate, beta1: betas[0], beta2: betas[1], epsilon: epsilon,
        momentumDecay: number("momentum_decay"), weightDecay: decay, isDecoupled: isDecoupled,
        maximizes: maximizes)
    case "RAdam":
      RAdam(
        learningRate: rate, beta1: betas[0], beta2: betas[1], epsilon: epsilon,
        weightDecay: decay, isDecoupled: isDecoupled, maximizes: maximizes)
    case "RMSprop":
      RMSprop(
        learningRate: rate, decay: number("alpha"), epsilon: epsilon,
        momentum: number("momentum"), isCentered: flag("centered"), weightDecay: decay,
        maximizes: maximizes)
    case "Adagrad":
      Adagrad(
        learningRate: rate, rateDecay: number("lr_decay"),
        initialSum: number("initial_accumulator_value"), epsilon: epsilon, weightDecay: decay,
        maximizes: maximizes)
    case "Adadelta":
      Adadelta(
        learningRate: rate, decay: number("rho"), epsilon: epsilon, weightDecay: decay,
        maximizes: maximizes)
    case "Adamax":
      Adamax(
        learningRate: rate, beta1: betas[0], beta2: betas[1], epsilon: epsilon,
        weightDecay: decay, maximizes: maximizes)
    default: nil
    }
  }
}

/// Whether all elements agree: |ours - theirs| <= absolute + relative |theirs|.
func agree<Scalar: FloatingPointScalar>(
  _ ours: Tensor<Scalar>, _ theirs: [Double], _ absolute: Double, _ relative: Double
) -> Bool {
  ours.count == theirs.count
    && zip(ours.scalars, theirs).allSatisfy { ours, theirs in
      abs(Double(ours) - theirs) <= absolute + relative * abs(theirs)
    }
}
