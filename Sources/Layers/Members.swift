import Autograd
import Synchronization

/// The parameters of one model, found once.
///
/// Looking at a model by reflection takes microseconds for each layer, too long for every training
/// step of a small model. So the last few results are kept, together with a copy of the model.
/// A model of the same type whose memory is the same, byte for byte, as that copy's is the same
/// model: the copy keeps all that it refers to alive, and makes every change to it a change of
/// bytes. Models that hold objects other than parameters are looked at anew each time.
final class Members: Sendable {
  let parameters: [(name: String, parameter: any AnyParameter)]
  /// Further names of tied parameters, and the first name of each.
  let ties: [(name: String, first: String)]
  /// The parameters by themselves.
  let list: ParameterList

  private init(_ walk: ParameterWalk) {
    parameters = walk.found
    ties = walk.ties
    list = ParameterList(parameters.map { $0.parameter })
  }

  static func of<Model: Layer>(_ model: Model) -> Members {
    if let known = cache.find(model) { return known }
    var walk = ParameterWalk()
    walk.visit(model, path: "")
    for (name, parameter) in walk.found where parameter.name != name { parameter.name = name }
    let members = Members(walk)
    if !walk.metObject { cache.add(model, members) }
    return members
  }

  private static let cache = MembersCache()
}

/// The models looked at last.
private final class MembersCache: @unchecked Sendable {
  // Unchecked: the entries are touched only under the lock, and the models in them are never
  // read but for their bytes.
  private struct Entry {
    let type: ObjectIdentifier
    let bytes: [UInt8]
    let model: Any
    let members: Members
  }

  private static let capacity = 4
  private let lock = Mutex(())
  private var entries: [Entry] = []

  func find<Model>(_ model: Model) -> Members? {
    withUnsafeBytes(of: model) { find($0, ObjectIdentifier(Model.self)) }
  }

  private func find(_ bytes: UnsafeRawBufferPointer, _ type: ObjectIdentifier) -> Members? {
    lock.withLock { _ in
      // Where they are: an entry that is taken out counts references.
      entries.withUnsafeBufferPointer { entries in
        for index in entries.indices
        where entries[index].type == type && Self.areSame(entries[index].bytes, bytes) {
          return entries[index].members
        }
        return nil
      }
    }
  }

  private static func areSame(_ bytes: [UInt8], _ others: UnsafeRawBufferPointer) -> Bool {
    bytes.withUnsafeBytes { bytes in
      if bytes.count != others.count { return false }
      // All of them at once: the first difference is of no interest.
      var difference: UInt8 = 0
      for position in bytes.indices { difference |= bytes[position] ^ others[position] }
      return difference == 0
    }
  }

  func add<Model>(_ model: Model, _ members: Members) {
    let bytes = withUnsafeBytes(of: model) { Array($0) }
    // What falls out is freed outside the lock: a model's end may run a user's code.
    var dropped: [Entry] = []
    lock.withLock { _ in
      entries.insert(
        Entry(type: ObjectIdentifier(Model.self), bytes: bytes, model: model, members: members),
        at: 0)
      while entries.count > Self.capacity { dropped.append(entries.removeLast()) }
    }
  }
}
