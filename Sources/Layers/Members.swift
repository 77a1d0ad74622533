import Autograd
import Synchronization

/// The parameters of one model.
///
/// Looking at a model by reflection takes microseconds for each layer, too long for every training
/// step of a small model. So the names that were found in the last few models are kept, by the form in
/// which `ParameterPlaces` finds the parameters; nothing of the models is. Models that hold objects other
/// than parameters, or parameters in dictionaries, are looked at anew each time.
struct Members {
  /// The parameters by themselves.
  let list: ParameterList
  fileprivate let names: MemberNames

  /// Each parameter once, under its first name.
  var parameters: [(name: String, parameter: any AnyParameter)] {
    zip(names.first, list.boxes).map { (name: $0, parameter: $1) }
  }

  /// Further names of tied parameters, and the first name of each.
  var ties: [(name: String, first: String)] { names.ties }

  static func of<Model: Layer>(_ model: Model) -> Members {
    if let known = cache.find(model) { return known }
    var walk = ParameterWalk()
    walk.visit(model, path: "")
    for (name, parameter) in walk.found where parameter.name != name { parameter.name = name }
    let members = Members(
      list: ParameterList(walk.found.map(\.parameter)),
      names: MemberNames(first: walk.found.map(\.name), ties: walk.ties))
    if !walk.metObject { cache.add(members, of: model) }
    return members
  }

  private static let cache = MembersCache()

  fileprivate init(list: ParameterList, names: MemberNames) {
    self.list = list
    self.names = names
  }
}

/// The names of a model's parameters.
private final class MemberNames: Sendable {
  let first: [String]
  let ties: [(name: String, first: String)]

  init(first: [String], ties: [(name: String, first: String)]) {
    self.first = first
    self.ties = ties
  }
}

/// The names found last.
private final class MembersCache: @unchecked Sendable {
  // Unchecked: the entries are touched only under the lock.
  private final class Entry {
    let type: ObjectIdentifier
    let form: [UInt]
    /// Parameters, with repetitions.
    let count: Int
    let names: MemberNames
    /// Which of the parameters, as they are met, are met for the first time.
    let firsts: [Int]
    let identities: Identities
    /// That of the last step, while somebody has it: gradients of one list are added without a search.
    weak var list: ParameterList?

    /// Nil where the members are not those that were met.
    init?(_ type: Any.Type, _ state: ParameterState, _ members: Members) {
      let met = state.boxes.map { ObjectIdentifier($0) }
      var seen: Set<ObjectIdentifier> = []
      firsts = met.indices.filter { seen.insert(met[$0]).inserted }
      guard firsts.map({ met[$0] }) == members.list.boxes.map({ ObjectIdentifier($0) }) else {
        return nil
      }
      self.type = ObjectIdentifier(type)
      form = state.form
      count = met.count
      names = members.names
      identities = members.list.identities
      list = members.list
    }

    /// The members of a model, if they are known.
    func members<Model>(of model: Model) -> Members? {
      let state = ParameterState(of: model, comparedWith: form, count: count)
      if !state.hasForm { return nil }
      let list =
        self.list
        ?? ParameterList(
          count == firsts.count ? state.boxes : firsts.map { state.boxes[$0] }, identities)
      self.list = list
      return Members(list: list, names: names)
    }
  }

  private static let capacity = 4
  private let lock = Mutex(())
  private var entries: [Entry] = []

  func find<Model>(_ model: Model) -> Members? {
    let type = ObjectIdentifier(Model.self)
    return lock.withLock { _ in
      for entry in entries where entry.type == type {
        if let members = entry.members(of: model) { return members }
      }
      return nil
    }
  }

  func add<Model>(_ members: Members, of model: Model) {
    let state = ParameterState(of: model)
    // Reflection may see more, where a type shows itself in its own way.
    guard state.isWhole, let entry = Entry(Model.self, state, members) else { return }
    lock.withLock { _ in
      entries.insert(entry, at: 0)
      if entries.count > Self.capacity { entries.removeLast() }
    }
  }
}
