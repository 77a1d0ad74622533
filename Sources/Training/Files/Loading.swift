import Autograd
import Layers

/// The comparison of a model with tensors of a file, by names and shapes, and what follows of it.
struct Loading {
  private typealias Group = ParameterLayout.Group

  private(set) var report: LoadingReport
  private let tensors: [String: StoredTensor]
  private let prefix: String
  /// Parts of the model, and the tensors that they take.
  private var accepted: [Group] = []

  /// Compares; no number is read, but of tied weights that stand there twice.
  ///
  /// - Parameter prefix: stands before each name in the file.
  /// - Throws: where the rules of the names do not fit the model.
  init(
    _ model: some Layer, _ names: NameMap, _ tensors: [String: StoredTensor], prefix: String,
    metadata: [String: String], from path: String
  ) throws(WeightsError) {
    self.tensors = tensors
    self.prefix = prefix
    report = LoadingReport(file: path, metadata: metadata)
    let layout: ParameterLayout
    do throws(NameRuleError) {
      layout = try ParameterLayout(of: model, names: names)
    } catch {
      throw WeightsError(file: path, problem: .names(reason: error.description))
    }
    report.kept = layout.kept
    report.found = Set(tensors.keys.filter { $0.hasPrefix(prefix) })
    report.expected = Set(
      (layout.groups + layout.ties).flatMap(\.slots).map { prefix + $0.name })
    var ties: [ObjectIdentifier: [Group]] = [:]
    for tie in layout.ties {
      ties[ObjectIdentifier(tie.parameters[0].parameter), default: []].append(tie)
    }
    for group in layout.groups {
      let others = group.parameters.count == 1 ? ties[Self.key(group)] ?? [] : []
      compare([group] + others)
    }
    for name in report.found.subtracting(report.expected).sorted() {
      if layout.skips(String(name.dropFirst(prefix.count))) {
        report.skipped.append(name)
      } else {
        report.unexpected.append(name)
      }
    }
  }

  private static func key(_ group: Group) -> ObjectIdentifier {
    ObjectIdentifier(group.parameters[0].parameter)
  }

  private func stored(_ slot: ParameterLayout.Slot) -> StoredTensor? { tensors[prefix + slot.name] }

  /// Looks for a part of the model under its name and those of its ties.
  private mutating func compare(_ groups: [Group]) {
    var fitting: [Group] = []
    var areThere = false
    for group in groups {
      let absent = group.slots.filter { stored($0) == nil }
      areThere = areThere || absent.count < group.slots.count
      let faults = group.slots.reduce(0) { $0 + (checkSlot($1) ? 0 : 1) }
      if !absent.isEmpty && (absent.count < group.slots.count) {
        report.missing += absent.map { prefix + $0.name }
      } else if absent.isEmpty && faults == 0 {
        fitting.append(group)
      }
    }
    if !areThere { report.missing += groups[0].slots.map { prefix + $0.name } }
    guard let first = fitting.first else { return }
    for other in fitting.dropFirst() where !isSame(first, other) {
      report.contradictions.append(
        .init(name: prefix + first.slots[0].name, tied: prefix + other.slots[0].name))
      return
    }
    accepted.append(first)
    report.loaded.append(
      .init(
        tensors: first.slots.map { prefix + $0.name }, parameters: first.parameters.map(\.name)))
  }

  /// Whether the file's tensor, if there is one, is what a slot needs.
  private mutating func checkSlot(_ slot: ParameterLayout.Slot) -> Bool {
    guard let entry = stored(slot) else { return true }
    if entry.shape != Array(slot.shape) {
      report.misshapen.append(
        .init(name: prefix + slot.name, expected: Array(slot.shape), found: entry.shape))
      return false
    }
    if entry.dtype.isReal || slot.isWhole && entry.dtype.isWhole { return true }
    report.wrongTypes.append(.init(name: prefix + slot.name, found: entry.dtype))
    return false
  }

  /// Whether a parameter gets the same numbers of two places.
  private func isSame(_ first: Group, _ other: Group) -> Bool {
    if first.isPlain && other.isPlain && stored(first.slots[0]) == stored(other.slots[0]) {
      return true
    }
    let (mine, theirs) = (doubles(first), doubles(other))
    return mine.elementsEqual(theirs) { $0 == $1 || $0.isNaN && $1.isNaN }
  }

  private func doubles(_ group: Group) -> [Double] {
    switch group.parameters[0].parameter.scalarType {
    case .float: values(group, Float.self)[0].value.scalars.map(Double.init)
    case .double: values(group, Double.self)[0].value.scalars
    case .int32, .uint8, .bool: trap("a parameter is of Float or Double")
    }
  }

  // MARK: What follows

  /// Gives the parameters what was found for them, one after the other.
  func apply() {
    for group in accepted {
      switch group.parameters[0].parameter.scalarType {
      case .float: apply(group, Float.self)
      case .double: apply(group, Double.self)
      case .int32, .uint8, .bool: trap("a parameter is of Float or Double")
      }
    }
  }

  private func apply<Scalar: FloatingPointScalar>(_ group: Group, _: Scalar.Type) {
    for (parameter, value) in values(group, Scalar.self) {
      // A part of a whole would keep all of it.
      parameter.tensor = group.isPlain ? value : Tensor(Compute.copy(value.untyped))
    }
  }

  /// What a group's parameters get.
  private func values<Scalar: FloatingPointScalar>(
    _ group: Group, _: Scalar.Type
  ) -> [(parameter: Parameter<Scalar>, value: Tensor<Scalar>)] {
    group.parameterValues(
      of: group.slots.map { slot -> Tensor<Scalar> in
        let value = try? stored(slot)!
          .value(Scalar.scalarType, slot.shape, acceptsWhole: slot.isWhole)
        guard let value else { trap("'\(slot.name)' has elements that are not converted") }
        return Tensor(value)
      })
  }
}

extension ParameterLayout {
  /// The tensors of a file that has the model's parameters.
  ///
  /// - Parameter dtype: of floating tensors; the parameters' own if nil.
  func tensors(as dtype: StoredTensor.DType?) -> [String: StoredTensor] {
    var result: [String: StoredTensor] = [:]
    for group in groups {
      switch group.parameters[0].parameter.scalarType {
      case .float: add(group, Float.self, dtype, to: &result)
      case .double: add(group, Double.self, dtype, to: &result)
      case .int32, .uint8, .bool: trap("a parameter is of Float or Double")
      }
    }
    return result
  }

  private func add<Scalar: FloatingPointScalar>(
    _ group: Group, _: Scalar.Type, _ dtype: StoredTensor.DType?,
    to result: inout [String: StoredTensor]
  ) {
    let values = group.tensors { (parameter: Parameter<Scalar>) in parameter.stored }
    for (slot, value) in zip(group.slots, values) {
      if slot.isWhole {
        result[slot.name] = StoredTensor(
          value.scalars.map { Int64($0.rounded()) }, shape: Array(value.shape))
      } else {
        let stored = StoredTensor(value.untyped)
        guard let converted = try? stored.converted(to: dtype ?? stored.dtype) else {
          trap("weights are saved as F64, F32, F16 or BF16, not as \(dtype?.name ?? "")")
        }
        result[slot.name] = converted
      }
    }
  }
}
