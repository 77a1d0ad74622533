import Platform

/// What became of each tensor of a file and of each parameter of a model.
///
/// Prints as one line where one thing is wrong, else as a list:
///
///     weights.safetensors: 3 of 4 tensors were loaded
///       there is no 'encoder.bias', which the model needs (nearest: 'encoder.b')
///       the model has no parameter 'encoder.b' (nearest: 'encoder.bias')
public struct LoadingReport: Equatable, Sendable, CustomStringConvertible {
  /// Tensors of the file that became parameters.
  public struct Loaded: Equatable, Sendable {
    /// As the file names them.
    public let tensors: [String]
    /// As the model does.
    public let parameters: [String]
  }

  /// A tensor of another shape than the model's.
  public struct Misshapen: Equatable, Sendable {
    /// As the file names it.
    public let name: String
    /// The shape that the model needs.
    public let expected: [Int]
    /// The file's.
    public let found: [Int]

    /// A tensor of another shape.
    public init(name: String, expected: [Int], found: [Int]) {
      (self.name, self.expected, self.found) = (name, expected, found)
    }
  }

  /// A tensor whose elements no parameter takes.
  public struct WrongType: Equatable, Sendable {
    /// As the file names it.
    public let name: String
    /// The type of its elements.
    public let found: StoredTensor.DType

    /// A tensor of another type.
    public init(name: String, found: StoredTensor.DType) { (self.name, self.found) = (name, found) }
  }

  /// Two names of one parameter with different numbers.
  public struct Contradiction: Equatable, Sendable {
    /// The first name.
    public let name: String
    /// The other one.
    public let tied: String

    /// Two names.
    public init(name: String, tied: String) { (self.name, self.tied) = (name, tied) }
  }

  /// The file.
  public let file: String
  /// The text in the file beside the tensors.
  public let metadata: [String: String]
  /// What was loaded.
  public internal(set) var loaded: [Loaded] = []
  /// Parameters that the names say to keep, which are as they were.
  public internal(set) var kept: [String] = []
  /// Tensors of the file that the names say to skip.
  public internal(set) var skipped: [String] = []
  /// Names of tensors that the model needs and the file lacks.
  public internal(set) var missing: [String] = []
  /// Names of tensors that the file has and the model lacks.
  public internal(set) var unexpected: [String] = []
  /// Tensors of another shape.
  public internal(set) var misshapen: [Misshapen] = []
  /// Tensors of a type that no parameter takes.
  public internal(set) var wrongTypes: [WrongType] = []
  /// Tied weights, which are one parameter, that stand under two names with different numbers.
  public internal(set) var contradictions: [Contradiction] = []
  /// All names of tensors that the model would take.
  var expected: Set<String> = []
  /// All names of tensors that the file has.
  var found: Set<String> = []

  init(file: String, metadata: [String: String]) {
    self.file = file
    self.metadata = metadata
  }

  /// Whether model and file fit: everything that is not kept or skipped was loaded.
  public var isComplete: Bool { problemCount == 0 }

  /// How many things are wrong.
  public var problemCount: Int {
    missing.count + unexpected.count + misshapen.count + wrongTypes.count + contradictions.count
  }

  /// The names that are most like a missing or an unexpected one: among those of the other kind, where
  /// there are any, else among all that the file has or the model needs. At most three, the nearest first.
  public func nearest(to name: String) -> [String] {
    let isMissing = expected.contains(name)
    let others = isMissing ? unexpected : missing
    let all = isMissing ? found : expected
    // A file may have any number of names.
    let candidates = others.isEmpty ? all.sorted() : others
    return NearestNames.of(name, among: candidates.prefix(2000))
  }

  /// Everything that is wrong, one thing a line; of many of a kind the first.
  public var description: String {
    let lines = problems
    let count = loaded.reduce(0) { $0 + $1.tensors.count }
    if lines.count == 1 { return "\(file): \(lines[0])" }
    let all = "\(file): \(count) of \(found.count) tensors were loaded"
    return ([all] + lines.map { "  \($0)" }).joined(separator: "\n")
  }

  /// One line: the first thing that is wrong, and how many more are.
  public var sentence: String {
    guard let first = problems.first else { return description }
    let more = problemCount - 1
    return "\(file): \(first)" + (more == 0 ? "" : ", and \(more) more do not fit")
  }

  private var problems: [String] {
    Self.lines(missing) { "there is no \(quoted($0)), which the model needs\(hint($0))" }
      + Self.lines(unexpected) { "the model has no parameter \(quoted($0))\(hint($0))" }
      + Self.lines(misshapen) {
        "\(quoted($0.name)) has the shape \($0.found), expected \($0.expected)"
      }
      + Self.lines(wrongTypes) {
        "\(quoted($0.name)) has \(PrintableText.name($0.found.name)) elements, expected floating ones "
          + "(F32, F64, F16 or BF16)"
      }
      + Self.lines(contradictions) {
        "\(quoted($0.name)) and \(quoted($0.tied)) are tied in the model, but differ in the file"
      }
  }

  private func hint(_ name: String) -> String {
    let names = nearest(to: name)
    return names.isEmpty ? "" : " (nearest: \(names.map(quoted).joined(separator: ", ")))"
  }

  private func quoted(_ name: String) -> String { "'\(PrintableText.name(name))'" }

  /// A line for each element, but for no more than fit into a message.
  private static func lines<Element>(
    _ elements: [Element], _ line: (Element) -> String
  ) -> [String] {
    let most = 20
    let rest = elements.count - most
    return elements.prefix(most).map(line) + (rest > 0 ? ["and \(rest) more of the kind"] : [])
  }
}
