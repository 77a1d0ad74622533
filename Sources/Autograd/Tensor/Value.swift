/// What a tensor is underneath: memory, extents and strides, and, while it is being recorded, its
/// place on a tape. It is not generic, so nothing below the surface pays for generics; operations
/// look at `type`.
///
/// A value is immutable but for `Tensor`'s mutation of one that nobody else refers to, and for
/// `tape`, `index` and `label`, which are set before anyone else sees it.
package final class Value {
  package let type: ScalarType
  package let shape: Shape
  /// Nil for a contiguous value, whose strides follow from its shape.
  private let viewStrides: ViewStrides?
  package let count: Int
  package let isContiguous: Bool
  /// The first element.
  package private(set) var address: UnsafeMutableRawPointer
  /// The value whose memory this one shows; nil where it has its own.
  package let owner: Value?
  /// The tape that this value is recorded on.
  package internal(set) var tape: Tape?
  /// Index of the record that made it; -1 without a tape.
  package internal(set) var index: Int32 = -1
  /// Name of the parameter that this is, for messages.
  package var label: String? {
    get { notes?.label }
    set {
      if newValue == nil && notes == nil { return }
      withNotes { $0.label = newValue }
    }
  }
  /// What few values have.
  private var notes: Notes?

  private final class Notes {
    var label: String?
    var tangents: [Tangent] = []
  }

  private func withNotes(_ body: (Notes) -> Void) {
    let notes = notes ?? Notes()
    body(notes)
    self.notes = notes
  }

  /// The value's derivative along the direction of a call of `jacobianVectorProduct`.
  struct Tangent {
    let level: ForwardMode.Level
    let value: Value
  }

  /// The tangent of the given level; nil stands for zeros.
  func tangent(at level: ForwardMode.Level) -> Value? {
    notes?.tangents.first { $0.level === level }?.value
  }

  /// Adds the tangent of a level.
  func add(_ tangent: Tangent) { withNotes { $0.tangents.append(tangent) } }

  /// Takes over all tangents of a value with the same elements.
  func takeTangents(of other: Value) {
    guard let tangents = other.notes?.tangents, !tangents.isEmpty else { return }
    withNotes { $0.tangents = tangents }
  }

  /// The elements of the smallest tensors: they need no second allocation. It is reached through
  /// `address` alone, which a stored property of a final class has for the object's whole life.
  private var room = Room(repeating: 0)

  private typealias Room = InlineArray<4, UInt64>

  /// Contiguous, with memory of its own that is not yet written.
  package init(_ type: ScalarType, _ shape: Shape) {
    self.type = type
    self.shape = shape
    self.viewStrides = nil
    self.count = shape.elementCount
    self.isContiguous = true
    self.owner = nil
    self.address = Self.nowhere
    allocate()
  }

  /// Contiguous, of the type and shape of another contiguous value, with memory of its own that is
  /// not yet written.
  package init(like other: Value) {
    self.type = other.type
    self.shape = other.shape
    self.viewStrides = nil
    self.count = other.count
    self.isContiguous = true
    self.owner = nil
    self.address = Self.nowhere
    allocate()
  }

  /// Stands for the address until there is one.
  private static var nowhere: UnsafeMutableRawPointer { UnsafeMutableRawPointer(bitPattern: 64)! }

  @inline(__always)
  private func allocate() {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: type.size)
    if overflow { trap("a tensor of shape \(shape) has more bytes than an Int can count") }
    address =
      bytes <= MemoryLayout<Room>.size
      ? withUnsafeMutablePointer(to: &room) { UnsafeMutableRawPointer($0) }
      : BufferPool.allocate(bytes)
  }

  /// A view of another value's memory, starting `offset` elements after its first.
  package init(
    viewing base: Value, _ shape: Shape, _ strides: Strides, offset: Int = 0
  ) {
    self.type = base.type
    self.shape = shape
    self.count = shape.elementCount
    self.isContiguous = Value.isContiguous(shape, strides)
    self.viewStrides = isContiguous ? nil : ViewStrides(strides)
    self.address = base.address + offset * base.type.size
    self.owner = base.owner ?? base
  }

  deinit {
    if owner == nil, count &* type.size > MemoryLayout<Room>.size {
      BufferPool.deallocate(address, count &* type.size)
    }
  }

  /// The same memory with another, equally contiguous shape.
  package func viewed(as shape: Shape) -> Value {
    Value(viewing: self, shape, shape.contiguousStrides)
  }

  /// The same tensor without a tape; itself where it has none.
  package var detached: Value {
    guard tape != nil else { return self }
    let result = Value(viewing: self, shape, strides)
    result.label = label
    return result
  }

  package var rank: Int { shape.rank }

  /// Distances, in elements, between neighbours along each axis.
  package var strides: Strides { viewStrides?.strides ?? shape.contiguousStrides }

  /// The strides of a view, apart: most values do without.
  private final class ViewStrides {
    let strides: Strides
    init(_ strides: Strides) { self.strides = strides }
  }

  @inline(__always)
  package func pointer<Scalar>(_: Scalar.Type = Scalar.self) -> UnsafeMutablePointer<Scalar> {
    address.assumingMemoryBound(to: Scalar.self)
  }

  private static func isContiguous(_ shape: Shape, _ strides: Strides) -> Bool {
    var step = 1
    var axis = shape.rank - 1
    while axis >= 0 {
      let extent = shape.extents[unchecked: axis]
      if extent != 1 && strides[unchecked: axis] != step { return extent == 0 }
      step &*= extent
      axis &-= 1
    }
    return true
  }
}
