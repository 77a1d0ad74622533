import Autograd
import Training

/// Runs a case of the family `schedules`: the learning rate at each of fifty steps.
struct ScheduleCheck {
  let item: Case

  /// The first difference, if there is one.
  func run() throws -> Difference? {
    let entry = try item.file.entry("output.0")
    let rates = try item.operation == "ReduceLROnPlateau" ? plateauRates() : rates(entry.count)
    let ours = Tensor<Double>(rates)
    return try Comparison<Double>(item: item).difference("output.0", ours, entry)
  }

  private func rates(_ count: Int) throws -> [Double] {
    guard let schedule = try schedule() else { throw Missing() }
    return (0..<count).map { schedule.learningRate(step: $0) }
  }

  private func plateauRates() throws -> [Double] {
    let attributes = item.attributes
    let threshold = try attributes.number("threshold")
    let mode: ReduceOnPlateau.Mode = try attributes.text("mode") == "max" ? .maximum : .minimum
    var plateau = ReduceOnPlateau(
      learningRate: try attributes.number("base_lr"), mode: mode,
      factor: try attributes.number("factor"), patience: try attributes.integer("patience"),
      threshold: try attributes.text("threshold_mode") == "abs"
        ? .absolute(threshold) : .factor(mode == .maximum ? 1 + threshold : 1 - threshold),
      cooldown: try attributes.integer("cooldown"),
      minimumRate: try attributes.number("min_lr"), smallestChange: try attributes.number("eps"))
    return try item.file.entry("input.0").doubles().map { metric in
      defer { plateau.update(metric: metric) }
      return plateau.learningRate
    }
  }

  private func schedule() throws -> (any Schedule)? {
    let attributes = item.attributes
    let base = attributes.has("base_lr") ? try attributes.number("base_lr") : 0
    switch item.operation {
    case "StepLR":
      return StepDecay(
        learningRate: base, stepSize: try attributes.integer("step_size"),
        factor: try attributes.number("gamma"))
    case "MultiStepLR":
      return MultiStepDecay(
        learningRate: base, milestones: try attributes.integers("milestones"),
        factor: try attributes.number("gamma"))
    case "ExponentialLR":
      return ExponentialDecay(learningRate: base, factor: try attributes.number("gamma"))
    case "CosineAnnealingLR":
      return CosineAnnealing(
        learningRate: base, totalSteps: try attributes.integer("T_max"),
        minimum: try attributes.number("eta_min"))
    case "CosineAnnealingWarmRestarts":
      return CosineWarmRestarts(
        learningRate: base, firstLength: try attributes.integer("T_0"),
        lengthFactor: try attributes.integer("T_mult"), minimum: try attributes.number("eta_min"))
    case "LinearLR":
      return LinearFactor(
        learningRate: base, startFactor: try attributes.number("start_factor"),
        endFactor: try attributes.number("end_factor"),
        totalSteps: try attributes.integer("total_iters"))
    case "ConstantLR":
      return ConstantFactor(
        learningRate: base, factor: try attributes.number("factor"),
        totalSteps: try attributes.integer("total_iters"))
    case "PolynomialLR":
      return PolynomialDecay(
        learningRate: base, totalSteps: try attributes.integer("total_iters"),
        power: try attributes.number("power"))
    case "OneCycleLR":
      return OneCycle(
        maximum: try attributes.number("max_lr"), totalSteps: try attributes.integer("total_steps"),
        risingFraction: try attributes.number("pct_start"),
        curve: try attributes.text("anneal_strategy") == "linear" ? .linear : .cosine,
        divisor: try attributes.number("div_factor"),
        finalDivisor: try attributes.number("final_div_factor"),
        threePhases: try attributes.flag("three_phase"))
    case "NoamLR":
      return Noam(
        modelSize: try attributes.integer("d_model"),
        warmupSteps: try attributes.integer("warmup"), factor: base)
    default: return nil
    }
  }
}
