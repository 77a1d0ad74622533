import Foundation
import Training

/// A conformance case: its attributes, and its tensors.
struct ScheduleCase {
  let attributes: [String: Any]
  let file: SafeTensors
  let name: String

  init(path: String) throws {
    file = try SafeTensors(contentsOf: path)
    let text = Data((file.metadata["case"] ?? "").utf8)
    let object = try JSONSerialization.jsonObject(with: text) as? [String: Any]
    name = object?["op"] as? String ?? ""
    attributes = object?["attributes"] as? [String: Any] ?? [:]
  }

  /// The rates that the case expects.
  func expected() throws -> [Double] { try file.entry("output.0").doubles() }

  /// The rates that our schedule of that name gives; `nil` if there is none.
  func rates() throws -> [Double]? {
    if name == "ReduceLROnPlateau" { return try plateauRates() }
    return schedule.map { schedule in (0..<50).map(schedule.learningRate(step:)) }
  }

  private func plateauRates() throws -> [Double] {
    let threshold = number("threshold")
    let mode: ReduceOnPlateau.Mode = attributes["mode"] as? String == "max" ? .maximum : .minimum
    var plateau = ReduceOnPlateau(
      learningRate: number("base_lr"), mode: mode,
      factor: number("factor"), patience: integer("patience"),
      threshold: attributes["threshold_mode"] as? String == "abs"
        ? .absolute(threshold) : .factor(mode == .maximum ? 1 + threshold : 1 - threshold),
      cooldown: integer("cooldown"), minimumRate: number("min_lr"), smallestChange: number("eps"))
    return try file.entry("input.0").doubles().map { metric in
      defer { plateau.update(metric: metric) }
      return plateau.learningRate
    }
  }

  private var schedule: (any Schedule)? {
    let base = number("base_lr")
    return switch name {
    case "StepLR":
      StepDecay(learningRate: base, stepSize: integer("step_size"), factor: number("gamma"))
    case "MultiStepLR":
      MultiStepDecay(
        learningRate: base, milestones: attributes["milestones"] as? [Int] ?? [],
        factor: number("gamma"))
    case "ExponentialLR": ExponentialDecay(learningRate: base, factor: number("gamma"))
    case "CosineAnnealingLR":
      CosineAnnealing(
        learningRate: base, totalSteps: integer("T_max"), minimum: number("eta_min"))
    case "CosineAnnealingWarmRestarts":
      CosineWarmRestarts(
        learningRate: base, firstLength: integer("T_0"), lengthFactor: integer("T_mult"),
        minimum: number("eta_min"))
    case "LinearLR":
      LinearFactor(
        learningRate: base, startFactor: number("start_factor"), endFactor: number("end_factor"),
        totalSteps: integer("total_iters"))
    case "ConstantLR":
      ConstantFactor(
        learningRate: base, factor: number("factor"), totalSteps: integer("total_iters"))
    case "PolynomialLR":
      PolynomialDecay(
        learningRate: base, totalSteps: integer("total_iters"), power: number("power"))
    case "OneCycleLR":
      OneCycle(
        maximum: number("max_lr"), totalSteps: integer("total_steps"),
        risingFraction: number("pct_start"),
        curve: attributes["anneal_strategy"] as? String == "linear" ? .linear : .cosine,
        divisor: number("div_factor"), finalDivisor: number("final_div_factor"),
        threePhases: attributes["three_phase"] as? Bool ?? false)
    case "NoamLR":
      Noam(modelSize: integer("d_model"), warmupSteps: integer("warmup"), factor: base)
    default: nil
    }
  }

  private func number(_ key: String) -> Double {
    (attributes[key] as? NSNumber)?.doubleValue ?? .nan
  }

  private func integer(_ key: String) -> Int { (attributes[key] as? NSNumber)?.intValue ?? -1 }
}
