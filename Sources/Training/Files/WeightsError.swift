/// Why a file of weights does not fit a model; the model is then unchanged.
///
/// Prints as `weights.safetensors: 'encoder.bias' has the shape [3], expected [4]`.
public struct WeightsError: Error, Equatable, CustomStringConvertible {
  /// What is wrong.
  public enum Problem: Equatable, Sendable {
    /// The file cannot be read.
    case unreadable(FileError)
    /// It is no file of tensors, or what it holds beside the weights is damaged.
    case malformed(TensorFileError)
    /// Names, shapes or types are not those of the model: all that is so.
    case mismatch(LoadingReport)
    /// The file does not say of which model its weights are, or of one that cannot be.
    case noModel(reason: String)
    /// The rules of the `NameMap` do not fit the model, or make two of its parameters one.
    case names(reason: String)
  }

  /// The file's path.
  public let file: String
  /// What is wrong.
  public let problem: Problem

  package init(file: String, problem: Problem) {
    self.file = file
    self.problem = problem
  }

  /// The report of a file that does not fit the model; nil for other errors.
  public var report: LoadingReport? {
    if case .mismatch(let report) = problem { report } else { nil }
  }

  /// One line: of a file that does not fit the model the first thing that is wrong, and how many more are.
  public var sentence: String { report?.sentence ?? description }

  /// `FILE: what is wrong`; of a file that does not fit the model all that is, a line each.
  public var description: String {
    switch problem {
    case .unreadable(let error): "\(error)"
    case .malformed(let error): "\(error)"
    case .mismatch(let report): "\(report)"
    case .names(let reason): "\(file): the rules of its names do not fit the model: \(reason)"
    case .noModel(let reason): "\(file): no model can be made of it: \(reason)"
    }
  }
}
