import Autograd

/// Parameters, each once, and where each stands.
final class ParameterList: Sendable {
  let boxes: [any AnyParameter]
  let identities: Identities

  init(_ boxes: [any AnyParameter]) {
    self.boxes = boxes
    identities = Identities(boxes.map { ObjectIdentifier($0) })
  }

  /// - Parameter identities: those of the parameters, known from before.
  init(_ boxes: [any AnyParameter], _ identities: Identities) {
    self.boxes = boxes
    self.identities = identities
  }

  /// Which of the parameters it is; nil if none.
  func position(of parameter: AnyObject) -> Int? {
    identities.position(of: ObjectIdentifier(parameter))
  }
}
