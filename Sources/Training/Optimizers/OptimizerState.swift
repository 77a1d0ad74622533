import Autograd

/// What an optimizer remembers of each parameter: the number of steps, and tensors such as
/// moments. A value: a copy of an optimizer goes its own way.
public struct OptimizerState: @unchecked Sendable {
  // Unchecked: a slot's memory is written only through `advance`, which copies it first where
  // another state holds it too.
  private struct Entry {
    let name: String
    var steps: Int
    var slots: [UntypedTensor]
  }

  /// Where a step finds what is remembered of a parameter.
  struct Memory {
    /// Number of the step, from 1.
    let number: Int
    /// Address of each slot, valid until the state is next touched.
    let slots: [UnsafeMutableRawPointer]
  }

  private var entries: [Entry] = []
  private var positions: [String: Int] = [:]
  private var slotNames: [String] = []

  /// Nothing remembered.
  public init() {}

  /// Names of the parameters that have been updated, in the order of their first update.
  public var names: [String] { entries.map(\.name) }

  /// Number of updates of a parameter.
  public func steps(of name: String) -> Int { positions[name].map { entries[$0].steps } ?? 0 }

  /// The elements of a slot of a parameter; nil where there is none.
  public func slot(_ slot: String, of name: String) -> [Double]? {
    guard let position = positions[name], let index = slotNames.firstIndex(of: slot) else {
      return nil
    }
    return doubles(entries[position].slots[index])
  }

  /// Counts a step of a parameter.
  mutating func advance(
    _ name: String, _ type: ScalarType, _ shape: Shape, slots: [String], initially: Double
  ) -> Memory {
    let position: Int
    if let known = positions[name] {
      position = known
      if let slot = entries[known].slots.first, slot.shape != shape || slot.type != type {
        trap(
          "the optimizer remembers \(name) as \(slot.type) \(slot.shape), but it is now \(type) "
            + "\(shape): give each model an optimizer of its own")
      }
      if entries[known].slots.count != slots.count {
        trap(
          "the optimizer now keeps \(slots.count) tensors for \(name), but has kept "
            + "\(entries[known].slots.count) so far: choose its kind before the first update")
      }
    } else {
      position = entries.count
      positions[name] = position
      slotNames = slots
      let fresh = slots.map { _ in Self.filled(type, shape, initially) }
      entries.append(Entry(name: name, steps: 0, slots: fresh))
    }
    entries[position].steps += 1
    var addresses: [UnsafeMutableRawPointer] = []
    for slot in entries[position].slots.indices {
      if !isKnownUniquelyReferenced(&entries[position].slots[slot]) {
        entries[position].slots[slot] = Compute.copy(entries[position].slots[slot])
      }
      addresses.append(entries[position].slots[slot].address)
    }
    return Memory(number: entries[position].steps, slots: addresses)
  }

  private static func filled(_ type: ScalarType, _ shape: Shape, _ number: Double) -> UntypedTensor
  {
    type.floatingPoint(
      "an optimizer", Tensor<Float>(repeating: Float(number), shape: shape).untyped,
      Tensor<Double>(repeating: number, shape: shape).untyped)
  }

  private func doubles(_ value: UntypedTensor) -> [Double] {
    value.type.floatingPoint(
      "an optimizer", Tensor<Float>(value).scalars.map(Double.init), Tensor<Double>(value).scalars)
  }
}

// MARK: Files

extension OptimizerState {
  /// All slots as tensors named `prefix` + parameter + "." + slot, and the numbers of steps.
  func saved(prefix: String) -> (tensors: [String: StoredTensor], steps: [String: Int]) {
    var tensors: [String: StoredTensor] = [:]
    var steps: [String: Int] = [:]
    for entry in entries {
      steps[entry.name] = entry.steps
      for (slot, value) in zip(slotNames, entry.slots) {
        tensors["\(prefix)\(entry.name).\(slot)"] = StoredTensor(value)
      }
    }
    return (tensors, steps)
  }

  /// What `saved` has saved, for the parameters of a model in their order.
  init(
    _ file: SafeTensors, prefix: String, steps: [String: Int], slots: [String],
    parameters: [(name: String, type: ScalarType, shape: Shape)]
  ) throws(TensorFileError) {
    slotNames = slots
    for (name, type, shape) in parameters {
      guard let count = steps[name] else { continue }
      var values: [UntypedTensor] = []
      for slot in slots {
        let entry = try file.entry("\(prefix)\(name).\(slot)", shape: Array(shape))
        values.append(try entry.value(type, shape))
      }
      positions[name] = entries.count
      entries.append(Entry(name: name, steps: count, slots: values))
    }
  }
}
