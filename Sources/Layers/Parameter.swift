public import Autograd
import Synchronization

private let lastSerialNumber = Atomic<UInt>(0)

private func nextSerialNumber() -> UInt {
  lastSerialNumber.add(1, ordering: .relaxed).newValue
}

/// A tensor that training changes, in a box that the layer's copies share.
///
/// Write `@Parameter var weight: Tensor<Scalar>` in a layer; nothing else registers it. Reading it
/// inside `valueWithGradient(at: model)` joins it to the tape; reading it elsewhere is free.
/// Reading from several threads at once is safe.
@propertyWrapper
public final class Parameter<Scalar: FloatingPointScalar>: AnyParameter, Sendable {
  private struct State: Sendable {
    var tensor: Tensor<Scalar>
    var name: String?
    var isFrozen = false
    /// Whether the first value is still to come, of whatever shape it is.
    var isAwaited = false
  }

  private let state: Mutex<State>

  /// Another one than that of any parameter before, of whatever type.
  let serialNumber = nextSerialNumber()

  /// Its name in place of the property's, in files and everywhere else; nil for the property's.
  public let key: String?

  /// A parameter with its first value.
  ///
  /// - Parameter key: its name in place of the property's.
  public init(wrappedValue: Tensor<Scalar>, key: String? = nil) {
    state = Mutex(State(tensor: wrappedValue.detached))
    self.key = key
  }

  /// A parameter with a name of its own, whose first value the layer's initialiser assigns:
  ///
  ///     @Parameter(key: "weight_ih") var weightInput: Tensor<Float>
  public init(key: String) {
    state = Mutex(State(tensor: Tensor(repeating: 0, shape: [0]), isAwaited: true))
    self.key = key
  }

  /// The value; inside a gradient, the one that the gradient is taken at.
  public var wrappedValue: Tensor<Scalar> {
    get { Tensor(tracked) }
    set { tensor = newValue }
  }

  /// The box itself: `layer.$weight` is the key of its gradient.
  public var projectedValue: Parameter { self }

  /// The stored value, which is on no tape: within a gradient that is taken at this parameter it would
  /// be a constant, so reading it there traps, but for `withoutGradient`. A new value has the old one's
  /// shape; a tensor that is being recorded is none, but its `detached` may be.
  public var tensor: Tensor<Scalar> {
    get {
      if !isFrozen, let tape = Tape.current, tape.isReversing, tape.differentiates(at: self) {
        trap(
          "\(name ?? "a parameter"): its stored tensor is a constant to the gradient that is being "
            + "taken at it: read the parameter itself, or read this in `withoutGradient`")
      }
      return stored
    }
    set {
      if newValue.untyped.isBeingRecorded {
        trap(
          "\(name ?? "a parameter") cannot become a tensor whose gradient is being taken; "
            + "its `detached` it can")
      }
      let value = newValue.detached
      state.withLock { state in
        if value.shape != state.tensor.shape && !state.isAwaited {
          trap(
            "\(state.name ?? "a parameter") has the shape \(state.tensor.shape); "
              + "it cannot become a tensor of shape \(value.shape)")
        }
        state.tensor = value
        state.isAwaited = false
        state.tensor.untyped.label = state.name
      }
    }
  }

  /// The stored value, as a library reads it: for what no gradient sees.
  package var stored: Tensor<Scalar> { state.withLock { $0.tensor } }

  /// Changes the stored value; in place, where nothing else holds it.
  public func update<Result>(
    _ body: (_ scalars: UnsafeMutableBufferPointer<Scalar>) -> Result
  ) -> Result {
    // Taken out of the box for the time, so that it is the only reference.
    var tensor = state.withLock { state in
      let tensor = state.tensor
      state.tensor = Tensor(repeating: 0, shape: [0])
      return tensor
    }
    defer { state.withLock { [tensor] in $0.tensor = tensor } }
    return tensor.withUnsafeMutableScalars(body)
  }

  /// Dotted path from the model's root, once the model has been looked at.
  public var name: String? {
    get { state.withLock { $0.name } }
    set {
      state.withLock { state in
        state.name = newValue
        state.tensor.untyped.label = newValue
      }
    }
  }

  /// Whether gradients leave this parameter out: it is then a constant.
  public var isFrozen: Bool {
    get { state.withLock { $0.isFrozen } }
    set { state.withLock { $0.isFrozen = newValue } }
  }

  /// Extents of the tensor.
  public var shape: Shape { stored.shape }
  /// `Float` or `Double`.
  public var scalarType: ScalarType { Scalar.scalarType }

  /// The elements, in row-major order, as `Double`.
  public var scalars: [Double] {
    get { tensor.scalars.map { Double($0) } }
    set { tensor = Tensor(newValue.map { Scalar($0) }, shape: shape) }
  }

  /// The value as the calling thread's innermost gradient sees it.
  package var tracked: UntypedTensor {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    get { track() }
  }

  @inline(__always)
  private func track() -> UntypedTensor {
    let (value, isFrozen) = state.withLock { ($0.tensor.untyped, $0.isFrozen) }
    guard !isFrozen, let tape = Tape.current else { return value }
    return tape.leaf(of: self, value)
  }
}

/// A parameter that a layer may do without, as a bias: `@OptionalParameter var bias`.
@propertyWrapper
public struct OptionalParameter<Scalar: FloatingPointScalar>: Sendable {
  /// The box, if there is one: the key of the gradient.
  public let projectedValue: Parameter<Scalar>?

  /// A parameter with its first value, or none.
  ///
  /// - Parameter key: its name in place of the property's.
  public init(wrappedValue: Tensor<Scalar>?, key: String? = nil) {
    projectedValue = wrappedValue.map { Parameter(wrappedValue: $0, key: key) }
  }

  /// The value; inside a gradient, the one that the gradient is taken at.
  public var wrappedValue: Tensor<Scalar>? { projectedValue?.wrappedValue }
}

/// What may have a name of its own in place of the property's.
protocol KeyedParameter {
  var key: String? { get }
}

extension Parameter: KeyedParameter {}

extension OptionalParameter: KeyedParameter {
  var key: String? { projectedValue?.key }
}

/// A parameter of any scalar type, as lists of parameters hold it.
///
/// `Parameter` is the only type that conforms.
public protocol AnyParameter: AnyObject, Sendable {
  /// Dotted path from the model's root, once the model has been looked at.
  var name: String? { get set }
  /// Extents of its tensor.
  var shape: Shape { get }
  /// `Float` or `Double`.
  var scalarType: ScalarType { get }
  /// Whether gradients leave it out.
  var isFrozen: Bool { get set }
  /// The elements, in row-major order, as `Double`; assigning converts them to the parameter's
  /// own type, and traps where there are more or fewer.
  var scalars: [Double] { get set }
}

extension AnyParameter {
  /// The stored tensor, untyped.
  package var storedValue: UntypedTensor {
    switch self {
    case let parameter as Parameter<Float>: parameter.stored.untyped
    case let parameter as Parameter<Double>: parameter.stored.untyped
    default: trap("\(type(of: self)) is not a Parameter of Float or Double")
    }
  }
}
