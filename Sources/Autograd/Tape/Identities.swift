/// Objects by their identity, each with its position in a list.
package final class Identities: Sendable {
  private let list: [ObjectIdentifier]
  /// Where to find many objects; empty for few.
  private let positions: [ObjectIdentifier: Int]

  /// So many are looked at in less time than one takes to hash.
  private static let few = 16

  /// - Parameter objects: each once.
  package init(_ objects: [ObjectIdentifier]) {
    list = objects
    positions =
      list.count > Self.few ? Dictionary(uniqueKeysWithValues: zip(list, list.indices)) : [:]
  }

  /// Which of the objects it is; nil if none.
  package func position(of object: ObjectIdentifier) -> Int? {
    if list.count > Self.few { return positions[object] }
    // Where they are: a list that is taken out counts a reference.
    return list.withUnsafeBufferPointer { $0.firstIndex(of: object) }
  }
}
