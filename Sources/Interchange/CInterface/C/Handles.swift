import Synchronization

/// What callers hold by number: open models and results. A number is given once, so one that was closed
/// names nothing for ever.
final class Handles: Sendable {
  static let shared = Handles()

  private struct Table {
    var next: Int64 = 1
    var objects: [Int64: any AnyObject & Sendable] = [:]
  }

  private let table = Mutex(Table())

  func add(_ object: any AnyObject & Sendable) -> Int64 {
    table.withLock { table in
      defer { table.next += 1 }
      table.objects[table.next] = object
      return table.next
    }
  }

  func model(_ handle: Int64) throws(CallError) -> any AnyOpenModel {
    if let model = table.withLock({ $0.objects[handle] }) as? any AnyOpenModel { return model }
    throw CallError("no model is open under the number \(handle); was it closed?")
  }

  /// Takes an object out, whose memory goes when the last call that uses it has ended.
  func remove<Object>(_ handle: Int64, _: Object.Type, _ what: String) throws(CallError) {
    let removed = table.withLock { table -> (any AnyObject & Sendable)? in
      guard table.objects[handle] is Object else { return nil }
      return table.objects.removeValue(forKey: handle)
    }
    if removed == nil {
      throw CallError("no \(what) is open under the number \(handle); was it closed already?")
    }
  }
}
