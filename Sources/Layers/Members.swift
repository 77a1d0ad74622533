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
    let state = ParameterState(of: model)
    if state.isWhole, let known = cache.find(state, of: Model.self) { return known }
    var walk = ParameterWalk()
    walk.visit(model, path: "")
    for (name, parameter) in walk.found where parameter.name != name { parameter.name = name }
    let members = Members(
      list: ParameterList(walk.found.map(\.parameter)),
      names: MemberNames(first: walk.found.map(\.name), ties: walk.ties))
    if !walk.metObject { cache.add(members, state, of: Model.self) }
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
private final class MembersCache: Sendable {
  private final class Entry {
    let type: ObjectIdentifier
    let form: [UInt]
    let names: MemberNames
    /// Which of the parameters, as they are met, are met for the first time.
    let firsts: [Int]
    let identities: Identities
    /// That of the last step, while somebody has it: gradients of one list are added without a search.
    weak var list: ParameterList?

    init(_ type: ObjectIdentifier, _ form: [UInt], _ members: Members, firsts: [Int]) {
      self.type = type
      self.form = form
      names = members.names
      self.firsts = firsts
      identities = members.list.identities
      list = members.list
    }

    func members(_ state: ParameterState) -> Members {
      let list = self.list ?? ParameterList(firsts.map { state.boxes[$0] }, identities)
      self.list = list
      return Members(list: list, names: names)
    }
  }

  private static let capacity = 4
  private let entries = Mutex<[Entry]>([])

  func find(_ state: ParameterState, of type: Any.Type) -> Members? {
    let type = ObjectIdentifier(type)
    return entries.withLock { entries in
      entries.first { $0.type == type && $0.form == state.form }?.members(state)
    }
  }

  func add(_ members: Members, _ state: ParameterState, of type: Any.Type) {
    var seen: Set<ObjectIdentifier> = []
    let firsts = state.boxes.indices.filter {
      seen.insert(ObjectIdentifier(state.boxes[$0])).inserted
    }
    // Reflection may see more, where a type shows itself in its own way.
    let found = firsts.lazy.map { ObjectIdentifier(state.boxes[$0]) }
    guard state.isWhole, found.elementsEqual(members.list.boxes.lazy.map { ObjectIdentifier($0) })
    else { return }
    entries.withLock { entries in
      entries.insert(Entry(ObjectIdentifier(type), state.form, members, firsts: firsts), at: 0)
      if entries.count > Self.capacity { entries.removeLast() }
    }
  }
}
