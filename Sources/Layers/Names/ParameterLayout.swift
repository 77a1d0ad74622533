package import Autograd

/// Where each parameter of a model stands in a file whose names follow a `NameMap`.
package struct ParameterLayout {
  /// A tensor of a file.
  package struct Slot {
    package internal(set) var name: String
    package let shape: Shape
    /// Whether the file has whole numbers there.
    package internal(set) var isWhole = false
    /// Its number among the tensors of all steps.
    package let number: Int
  }

  /// Tensors of a file, and the parameters that they are together.
  package struct Group {
    /// The parameters, each with its name in the model and its number among the tensors of all steps.
    package let parameters: [(name: String, parameter: any AnyParameter, number: Int)]
    /// The tensors of the file.
    package internal(set) var slots: [Slot]
    /// From the parameters to the tensors.
    package internal(set) var steps: [TensorStep] = []

    /// Whether it is one parameter that stands in the file as it is.
    package var isPlain: Bool { steps.isEmpty }

    /// What the file's tensors are of a value for each parameter.
    package func tensors<Scalar: FloatingPointScalar>(
      of value: (Parameter<Scalar>) -> Tensor<Scalar>
    ) -> [Tensor<Scalar>] {
      var values: [Int: Tensor<Scalar>] = [:]
      for (name, parameter, number) in parameters {
        guard let parameter = parameter as? Parameter<Scalar> else {
          trap("\(name) is not a parameter of \(Scalar.self)")
        }
        values[number] = value(parameter)
      }
      for step in steps { step.forward(&values) }
      return slots.map { values[$0.number]! }
    }

    /// The parameters' values of those of the file's tensors.
    package func parameterValues<Scalar: FloatingPointScalar>(
      of tensors: [Tensor<Scalar>]
    ) -> [(parameter: Parameter<Scalar>, value: Tensor<Scalar>)] {
      var values = Dictionary(uniqueKeysWithValues: zip(slots.map(\.number), tensors))
      for step in steps.reversed() { step.backward(&values) }
      return parameters.map { name, parameter, number in
        guard let parameter = parameter as? Parameter<Scalar> else {
          trap("\(name) is not a parameter of \(Scalar.self)")
        }
        return (parameter, values[number]!)
      }
    }
  }

  /// In the order of the parameters. Each parameter is in one of them.
  package private(set) var groups: [Group] = []
  /// Further groups of parameters that are tied, whose tensors a file may have instead or as well.
  package private(set) var ties: [Group] = []
  /// Names of parameters that the file has no place for.
  package private(set) var kept: [String] = []
  private var skipped: [NamePattern] = []

  /// Whether the file's tensor of that name has no place in the model.
  package func skips(_ name: String) -> Bool { skipped.contains { $0.match(name) != nil } }

  /// What a file has of a value for each parameter, by the file's names.
  package func tensors<Scalar: FloatingPointScalar>(
    _: Scalar.Type = Scalar.self, of value: (Parameter<Scalar>) -> Tensor<Scalar>
  ) -> [String: Tensor<Scalar>] {
    var result: [String: Tensor<Scalar>] = [:]
    for group in groups {
      for (slot, tensor) in zip(group.slots, group.tensors(of: value)) {
        result[slot.name] = tensor
      }
    }
    return result
  }

  /// The layout of a model.
  ///
  /// - Throws: where the rules do not fit the model, whose shapes may be those of a file.
  package init(of model: some Layer, names: NameMap) throws(NameRuleError) {
    var builder = LayoutBuilder(isPyTorch: names.isPyTorch)
    var all = try builder.groups(of: model, path: "")
    try builder.apply(names.rules, to: &all)
    kept = builder.kept
    skipped = builder.skipped
    var seen: Set<ObjectIdentifier> = []
    var names: [String: String] = [:]
    for group in all {
      let isTie = group.parameters.allSatisfy { seen.contains(ObjectIdentifier($0.parameter)) }
      for parameter in group.parameters { seen.insert(ObjectIdentifier(parameter.parameter)) }
      let mine = group.parameters.map(\.name).joined(separator: ", ")
      for slot in group.slots {
        if let other = names.updateValue(mine, forKey: slot.name), !isTie {
          throw NameRuleError("'\(other)' and '\(mine)' are both '\(slot.name)' in the file")
        }
      }
      if isTie { ties.append(group) } else { groups.append(group) }
    }
  }
}

/// What makes a layout: the layers' own rules from the inside outwards, then those of the map.
private struct LayoutBuilder {
  typealias Group = ParameterLayout.Group

  let isPyTorch: Bool
  private(set) var kept: [String] = []
  private(set) var skipped: [NamePattern] = []
  private var objects: Set<ObjectIdentifier> = []
  private var count = 0

  init(isPyTorch: Bool) { self.isPyTorch = isPyTorch }

  private mutating func next() -> Int {
    defer { count += 1 }
    return count
  }

  /// The parameters of a part of a model, named as seen from there.
  mutating func groups(of subject: Any, path: String) throws(NameRuleError) -> [Group] {
    if let parameter = subject as? any AnyParameter {
      let number = next()
      return [
        Group(
          parameters: [(path, parameter, number)],
          slots: [.init(name: "", shape: parameter.shape, number: number)])
      ]
    }
    var groups: [Group] = []
    let parts = ModelParts(of: subject)
    if let object = parts.object, !objects.insert(object).inserted { return [] }
    for (name, part) in parts.children {
      for var group in try self.groups(of: part, path: ParameterWalk.joined(path, name)) {
        for index in group.slots.indices {
          let inner = group.slots[index].name
          group.slots[index].name = inner.isEmpty ? name : ParameterWalk.joined(name, inner)
        }
        groups.append(group)
      }
    }
    // An optional layer is not asked in place of the layer in it, which would be asked twice.
    if isPyTorch, !parts.isOptional, let layer = subject as? any PyTorchNamed {
      try apply(layer.pyTorchNames, to: &groups)
    }
    return groups
  }

  mutating func apply(_ rules: [NameRule], to groups: inout [Group]) throws(NameRuleError) {
    for rule in rules {
      switch rule.kind {
      case .skip: skipped.append(rule.from[0])
      case .keep: try keep(rule.from[0], in: &groups)
      case .join(let axis): try join(rule, axis, &groups)
      default:
        for group in groups.indices {
          // From the end, as a split puts new ones in the place of one.
          for slot in groups[group].slots.indices.reversed() {
            if let filling = rule.from[0].match(groups[group].slots[slot].name) {
              try apply(rule, filling, to: &groups[group], at: slot)
            }
          }
        }
      }
    }
  }

  private mutating func keep(
    _ pattern: NamePattern, in groups: inout [Group]
  ) throws(NameRuleError) {
    var others: [Group] = []
    for group in groups {
      guard let slot = group.slots.first(where: { pattern.match($0.name) != nil }) else {
        others.append(group)
        continue
      }
      if group.slots.contains(where: { pattern.match($0.name) == nil }) {
        throw NameRuleError(
          "'\(slot.name)' is a part of a parameter: it cannot be kept without the rest")
      }
      kept += group.parameters.map(\.name)
    }
    groups = others
  }

  /// One slot becomes one or several.
  private mutating func apply(
    _ rule: NameRule, _ filling: NamePattern.Filling, to group: inout Group, at index: Int
  ) throws(NameRuleError) {
    let slot = group.slots[index]
    let names = rule.to.map { $0.filled(with: filling) }
    switch rule.kind {
    case .rename: group.slots[index].name = names[0]
    case .whole: group.slots[index].isWhole = true
    case .split(let axis, let lengths):
      let lengths = try Self.lengths(lengths, names.count, of: slot, axis)
      let shapes = lengths.map { length in
        var shape = slot.shape
        shape[axis] = length
        return shape
      }
      replace(
        index, in: &group, by: Array(zip(names, shapes)), .split(axis: axis, lengths: lengths))
    case .transpose(let axes):
      let rank = slot.shape.rank
      let axes = axes ?? [1, 0]
      if axes.count != rank {
        throw NameRuleError(
          "'\(slot.name)' of shape \(slot.shape) has no axes in the order \(axes)")
      }
      let shape = Shape(axes.map { slot.shape[$0] })
      replace(index, in: &group, by: [(names[0], shape)], .permute(axes))
    case .reorder(let blocks, let axis):
      _ = try Self.lengths(nil, blocks.count, of: slot, axis)
      replace(index, in: &group, by: [(names[0], slot.shape)], .reorder(axis: axis, blocks: blocks))
    case .keep, .skip, .join: trap("names: a rule of another kind")
    }
  }

  private mutating func replace(
    _ index: Int, in group: inout Group, by slots: [(name: String, shape: Shape)],
    _ kind: TensorStep.Kind
  ) {
    let old = group.slots[index]
    let new = slots.map {
      ParameterLayout.Slot(name: $0.name, shape: $0.shape, isWhole: old.isWhole, number: next())
    }
    group.slots.replaceSubrange(index...index, with: new)
    group.steps.append(TensorStep(kind: kind, inputs: [old.number], outputs: new.map(\.number)))
  }

  /// The lengths of a tensor's parts, which are as long as it is.
  private static func lengths(
    _ lengths: [Int]?, _ count: Int, of slot: ParameterLayout.Slot, _ axis: Int
  ) throws(NameRuleError) -> [Int] {
    if axis < 0 || axis >= slot.shape.rank {
      throw NameRuleError("'\(slot.name)' of shape \(slot.shape) has no axis \(axis)")
    }
    let length = slot.shape[axis]
    let lengths = lengths ?? Array(repeating: length / max(count, 1), count: count)
    // No sum of lengths beyond the whole is taken: it could overflow.
    if !lengths.allSatisfy({ (0...length).contains($0) }) || lengths.reduce(0, +) != length {
      throw NameRuleError(
        "'\(slot.name)' of shape \(slot.shape) has no parts of \(lengths) on axis \(axis)")
    }
    return lengths
  }

  // MARK: Joining

  /// Wherever the first name of a rule is found, it and the others become one.
  private mutating func join(
    _ rule: NameRule, _ axis: Int, _ groups: inout [Group]
  ) throws(NameRuleError) {
    let found = groups.flatMap(\.slots).compactMap { rule.from[0].match($0.name) }
    for filling in found {
      try join(
        rule.from.map { $0.filled(with: filling) }, rule.to[0].filled(with: filling), axis, &groups)
    }
  }

  private mutating func join(
    _ names: [String], _ name: String, _ axis: Int, _ groups: inout [Group]
  ) throws(NameRuleError) {
    var members: [Int] = []
    for (position, part) in names.enumerated() {
      guard let holder = groups.firstIndex(where: { $0.slots.contains { $0.name == part } }) else {
        throw NameRuleError("there is no '\(part)' to be joined to '\(name)'")
      }
      if names[..<position].contains(part) {
        throw NameRuleError("'\(part)' is joined to '\(name)' twice")
      }
      if !members.contains(holder) { members.append(holder) }
    }
    var group = Group(
      parameters: members.flatMap { groups[$0].parameters },
      slots: members.flatMap { groups[$0].slots }, steps: members.flatMap { groups[$0].steps })
    let parts = names.map { part in group.slots.first { $0.name == part }! }
    group.slots.removeAll { slot in parts.contains { $0.number == slot.number } }
    let whole = ParameterLayout.Slot(
      name: name, shape: try Self.joined(parts, axis, name), isWhole: parts[0].isWhole,
      number: next())
    group.slots.append(whole)
    group.steps.append(
      TensorStep(
        kind: .join(axis: axis, lengths: parts.map { $0.shape[axis] }),
        inputs: parts.map(\.number), outputs: [whole.number]))
    if Set(group.parameters.map { $0.parameter.scalarType }).count > 1 {
      throw NameRuleError("the parts of '\(name)' are of different types")
    }
    let place = members[0]
    groups[place] = group
    for member in members.dropFirst().sorted().reversed() { groups.remove(at: member) }
  }

  private static func joined(
    _ parts: [ParameterLayout.Slot], _ axis: Int, _ name: String
  ) throws(NameRuleError) -> Shape {
    var shape = parts[0].shape
    if axis < 0 || axis >= shape.rank {
      throw NameRuleError("'\(parts[0].name)' of shape \(shape) has no axis \(axis)")
    }
    shape[axis] = 0
    for part in parts {
      var rest = part.shape
      if rest.rank == shape.rank { rest[axis] = shape[axis] }
      if rest != shape {
        throw NameRuleError(
          "'\(part.name)' of shape \(part.shape) does not fit the others in '\(name)'")
      }
      shape[axis] += part.shape[axis]
    }
    return shape
  }
}
