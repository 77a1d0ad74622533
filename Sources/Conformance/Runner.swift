import Autograd
import Training

/// Runs cases against the library, in double or in single precision.
package struct Runner {
  private let scalar: ScalarType
  private let doubleOperations = OperationTable<Double>().operations
  private let floatOperations = OperationTable<Float>().operations

  /// - Parameter scalar: `.double` or `.float`. Schedules have no tensors, and run alike.
  package init(scalar: ScalarType = .double) { self.scalar = scalar }

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
    if item.family == "schedules" { return try ScheduleCheck(item: item).run() }
    return scalar == .float || item.isSinglePrecision
      ? try outcome(item, floatOperations) : try outcome(item, doubleOperations)
  }

  private func outcome<Scalar>(
    _ item: Case, _ operations: [String: OperationTable<Scalar>.Operation]
  ) throws -> Difference? {
    switch item.family {
    case "ops", "gradgrad":
      guard let operation = operations[item.operation] else { throw Missing() }
      return try OperationCheck(item: item, operation: operation).run()
    case "optimizers": return try OptimizerCheck<Scalar>(item: item).run()
    case "modules", "seeds": return try ModuleCheck<Scalar>(item: item).run()
    default: throw Missing()
    }
  }
}

/// The library has nothing of that name.
struct Missing: Error {}
