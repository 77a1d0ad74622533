import Autograd
import Training

/// Runs cases against the library.
package struct Runner {
  private let operations = OperationTable<Double>().operations

  package init() {}

  /// What became of a case.
  package enum Outcome {
    case passed
    case failed(Difference)
    /// The library has nothing of that name.
    case skipped
  }

  /// Runs a case.
  ///
  /// - Throws: an error for a case that is not as the format says.
  package func run(_ item: Case) throws -> Outcome {
    do {
      return try outcome(item).map { .failed($0) } ?? .passed
    } catch is Missing {
      return .skipped
    }
  }

  private func outcome(_ item: Case) throws -> Difference? {
    switch item.family {
    case "ops", "gradgrad":
      guard let operation = operations[item.operation] else { throw Missing() }
      return try OperationCheck(item: item, operation: operation).run()
    case "schedules": return try ScheduleCheck(item: item).run()
    case "optimizers": return try OptimizerCheck(item: item).run()
    case "modules", "seeds":
      let isFloat = item.file.tensors["output.0"]?.dtype == .float32
      return isFloat
        ? try ModuleCheck<Float>(item: item).run() : try ModuleCheck<Double>(item: item).run()
    default: throw Missing()
    }
  }
}

/// The library has nothing of that name.
struct Missing: Error {}
