import Platform

/// Who is told of each operation and of each step of a backward pass.
package protocol TapeObserver: AnyObject {
  /// An operation on tensors of a tape has been computed. `index` is that of its record; nil if it
  /// has none.
  func computed(
    _ name: StaticString, _ results: [UntypedTensor], _ operands: [UntypedTensor], on tape: Tape,
    at index: Int?)
  /// A backward pass begins.
  func passBegins(on tape: Tape)
  /// A record has taken a gradient back: what it gave to its operands.
  func tookBack(_ name: StaticString, _ gradients: [UntypedTensor], on tape: Tape, at index: Int)
}

/// All observers of a thread.
package final class Observers {
  let all: [any TapeObserver]

  private init(_ all: [any TapeObserver]) { self.all = all }

  private static let bound = ThreadLocal()

  /// Those that tapes which begin on this thread are to tell.
  static var current: Observers? {
    guard let address = bound.address else { return nil }
    return Unmanaged<Observers>.fromOpaque(address).takeUnretainedValue()
  }

  /// Runs the body with one more observer of this thread's tapes: of the one that is bound, and of
  /// those that begin.
  package static func with<Result, Failure: Error>(
    _ observer: any TapeObserver, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let before = current
    let observers = Observers((before?.all ?? []) + [observer])
    let tape = Tape.current
    let tapeBefore = tape?.observers
    func bind(_ new: Observers?, _ tapeNew: Observers?) {
      bound.address = new.map { Unmanaged.passUnretained($0).toOpaque() }
      tape?.observers = tapeNew
      tape?.updateWatch()
    }
    bind(observers, observers)
    defer { bind(before, tapeBefore) }
    return try withExtendedLifetime(observers) { () throws(Failure) in try body() }
  }

  func computed(
    _ name: StaticString, _ results: [UntypedTensor], _ operands: [UntypedTensor], on tape: Tape,
    at index: Int?
  ) {
    for observer in all { observer.computed(name, results, operands, on: tape, at: index) }
  }

  func passBegins(on tape: Tape) { for observer in all { observer.passBegins(on: tape) } }

  func tookBack(_ name: StaticString, _ gradients: [UntypedTensor], on tape: Tape, at index: Int) {
    for observer in all { observer.tookBack(name, gradients, on: tape, at: index) }
  }
}
