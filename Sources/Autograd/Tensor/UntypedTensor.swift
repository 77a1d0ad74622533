import Kernels

/// What a tensor is underneath: memory, extents and strides, and, while it is being recorded, its
/// position on a tape. It is not generic, so nothing below the surface pays for generics; operations
/// look at `type`.
///
/// It is immutable but for `Tensor`'s mutation of one that nobody else refers to, and for its
/// position on a tape and its label, which are set before anyone else sees it.
///
/// Every operation makes one or more, so its size matters: at 120 bytes the C library's quickest
/// lists serve it; with 16 more, each costs twice the time.
@usableFromInline
package final class UntypedTensor {
  package let type: ScalarType
  package let shape: Shape
  package let isContiguous: Bool
  /// Index of the record that made it; -1 without a tape.
  package private(set) var index: Int32 = -1
  /// The `serial` of the tape when it was recorded.
  private var tapeSerial: UInt32 = 0
  package let count: Int
  /// The first element.
  @usableFromInline
  package private(set) var address: UnsafeMutableRawPointer
  /// The tensor whose memory this one shows; nil where it has its own.
  package var owner: UntypedTensor? {
    ownerObject.map { unsafeDowncast($0, to: UntypedTensor.self) }
  }
  /// Not as an `UntypedTensor`: the compiler frees chains of one type in a loop, which counts references a
  /// few times more, and here no chain is longer than one.
  /// Spelled out, as `AnyObject?` is nil before it is set, and is then released for nothing.
  private var ownerObject: Optional<AnyObject>
  private var recordedOn: Tape?
  /// What few tensors have.
  private var notes: Notes?
  /// The elements of the smallest tensors: they need no second allocation. It is reached through
  /// `address` alone, which a stored property of a final class has for the object's whole life.
  /// In a view that is not contiguous, the strides of up to four axes; others are in the notes.
  private var room = Room(repeating: 0)

  private typealias Room = InlineArray<2, UInt64>

  // MARK: Tape

  /// The tape that this tensor is recorded on; nil where that has ended.
  @inline(__always)
  package var tape: Tape? {
    guard let recordedOn, recordedOn.serial == tapeSerial else { return nil }
    return recordedOn
  }

  /// Whether it is recorded on this tape.
  @inline(__always)
  package func isOn(_ tape: Tape) -> Bool { recordedOn == tape && tape.serial == tapeSerial }

  /// Gives it its place on a tape.
  @inline(__always)
  func join(_ tape: Tape, at index: Int) {
    recordedOn = tape
    tapeSerial = tape.serial
    self.index = Int32(truncatingIfNeeded: index)
  }

  // MARK: Notes

  private final class Notes {
    /// Nil for a contiguous tensor, whose strides follow from its shape, and where there is room
    /// for them in the tensor itself.
    let strides: Strides?
    var label: String?
    var tangents: [Tangent] = []
    /// Of a parameter's elements.
    let layout = KeptLayout()

    init(strides: Strides?, label: String?, tangents: [Tangent]) {
      self.strides = strides
      self.label = label
      self.tangents = tangents
    }
  }

  /// Changes the notes; tensors of the same memory may share them.
  private func withNotes(_ body: (Notes) -> Void) {
    if notes == nil || !isKnownUniquelyReferenced(&notes) {
      notes = Notes(
        strides: notes?.strides, label: notes?.label, tangents: notes?.tangents ?? [])
    }
    body(notes!)
  }

  /// Takes over label and tangents of a tensor with the same elements.
  func takeNotes(of other: UntypedTensor) {
    guard let others = other.notes else { return }
    if notes == nil, others.strides == nil {
      notes = others
    } else if others.label != nil || !others.tangents.isEmpty {
      withNotes {
        $0.label = others.label
        $0.tangents = others.tangents
      }
    }
  }

  /// Name of the parameter that this is, or shows, for messages.
  package var label: String? {
    get { notes?.label ?? owner?.notes?.label }
    set { if newValue != label { withNotes { $0.label = newValue } } }
  }

  /// The elements of a parameter as products read them, if they are kept in that order; nil for another
  /// tensor, and for a part of one.
  func keptLayout<Scalar: FloatingPointScalar>(
    for product: MatrixProduct<Scalar>
  ) -> KeptLayout.Layout? {
    let whole = owner ?? self
    guard let notes = whole.notes, notes.label != nil, whole.count == count else { return nil }
    return notes.layout.layout(for: product)
  }

  /// To be called before the elements change.
  func forgetLayout() { notes?.layout.forget() }

  /// The tensor's derivative along the direction of a call of `jacobianVectorProduct`.
  struct Tangent {
    let level: ForwardMode.Level
    let tensor: UntypedTensor
  }

  /// The tangent of the given level; nil stands for zeros.
  func tangent(at level: ForwardMode.Level) -> UntypedTensor? {
    notes?.tangents.first { $0.level === level }?.tensor
  }

  /// Adds the tangent of a level.
  func add(_ tangent: Tangent) { withNotes { $0.tangents.append(tangent) } }

  // MARK: Making tensors

  /// Contiguous, with memory of its own that is not yet written.
  package init(_ type: ScalarType, _ shape: Shape) {
    self.type = type
    self.shape = shape
    self.count = shape.elementCount
    self.isContiguous = true
    self.ownerObject = nil
    self.address = Self.nowhere
    allocate()
  }

  /// Contiguous, of the type and shape of another contiguous tensor, with memory of its own that is
  /// not yet written.
  package init(like other: borrowing UntypedTensor) {
    self.type = other.type
    self.shape = other.shape
    self.count = other.count
    self.isContiguous = true
    self.ownerObject = nil
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

  /// A view of another tensor's memory, starting `offset` elements after its first.
  package init(
    viewing base: consuming UntypedTensor, _ shape: Shape, _ strides: Strides, offset: Int = 0
  ) {
    self.type = base.type
    self.shape = shape
    self.count = shape.elementCount
    self.isContiguous = UntypedTensor.isContiguous(shape, strides)
    self.address = base.address + offset * base.type.size
    // An initializer is given its reference to the base, which becomes the owner's.
    if let owner = base.ownerObject { ownerObject = owner } else { ownerObject = consume base }
    if isContiguous { return }
    if let packed = UntypedTensor.packed(strides, shape.rank) {
      room = packed
    } else {
      notes = Notes(strides: strides, label: nil, tangents: [])
    }
  }

  /// Another contiguous tensor's memory with another shape of as many elements.
  private init(viewing base: consuming UntypedTensor, _ shape: Shape) {
    self.type = base.type
    self.shape = shape
    self.count = base.count
    self.isContiguous = true
    self.address = base.address
    if let owner = base.ownerObject { ownerObject = owner } else { ownerObject = consume base }
  }

  /// The elements of another tensor where they are, with the same label and tangents, but off the
  /// tape.
  init(sameAs other: consuming UntypedTensor) {
    self.type = other.type
    self.shape = other.shape
    self.count = other.count
    self.isContiguous = other.isContiguous
    self.address = other.address
    // Its label alone is found with the owner.
    if let notes = other.notes, notes.strides != nil || !notes.tangents.isEmpty {
      self.notes = notes
    }
    if !isContiguous { room = other.room }
    if let owner = other.ownerObject { ownerObject = owner } else { ownerObject = consume other }
  }

  /// Whether this emptied tensor can show the elements of another one.
  @inline(__always)
  func fits(_ other: UntypedTensor) -> Bool {
    shape == other.shape && type == other.type && isContiguous && other.isContiguous
      && other.notes?.tangents.isEmpty ?? true
  }

  /// Shows, from now on, the elements of another tensor, which this emptied one fits.
  @inline(__always)
  func show(_ other: consuming UntypedTensor) {
    address = other.address
    if let owner = other.ownerObject { ownerObject = owner } else { ownerObject = consume other }
  }

  /// Empties what shows another tensor's elements, and is known to nobody else; false if it is none
  /// such.
  static func empty(_ tensor: inout UntypedTensor?) -> Bool {
    guard isKnownUniquelyReferenced(&tensor), let tensor, tensor.notes == nil,
      tensor.ownerObject != nil
    else { return false }
    tensor.address = nowhere
    tensor.ownerObject = nil
    return true
  }

  deinit {
    if ownerObject == nil, count &* type.size > MemoryLayout<Room>.size, address != Self.nowhere {
      BufferPool.deallocate(address, count &* type.size)
    }
  }

  /// The same memory with another, equally contiguous shape.
  package func viewed(as shape: Shape) -> UntypedTensor { UntypedTensor(viewing: self, shape) }

  /// The same tensor without a tape; itself where it has none.
  package var detached: UntypedTensor {
    guard index >= 0 else { return self }
    if notes?.tangents.isEmpty ?? true { return UntypedTensor(sameAs: self) }
    let result = UntypedTensor(viewing: self, shape, strides)
    if let label { result.label = label }
    return result
  }

  /// A tensor without a tape; the very one that is given where nobody else has it.
  static func detached(_ tensor: consuming UntypedTensor) -> UntypedTensor {
    if !isKnownUniquelyReferenced(&tensor) || tensor.notes != nil { return tensor.detached }
    tensor.index = -1
    tensor.recordedOn = nil
    return tensor
  }

  package var rank: Int { shape.rank }

  /// Distances, in elements, between neighbours along each axis.
  package var strides: Strides {
    if isContiguous { return shape.contiguousStrides }
    if let strides = notes?.strides { return strides }
    var strides = Strides(repeating: 0)
    let packed = unsafeBitCast(room, to: PackedStrides.self)
    for axis in 0..<4 { strides[axis] = Int(packed[axis]) }
    return strides
  }

  /// The distance, in elements, between neighbours along one axis, which is there.
  package func stride(_ axis: Int) -> Int {
    if !isContiguous {
      return notes?.strides?[axis] ?? Int(unsafeBitCast(room, to: PackedStrides.self)[axis])
    }
    var step = 1
    var inner = shape.rank - 1
    while inner > axis {
      step &*= shape.extents[unchecked: inner]
      inner &-= 1
    }
    return step
  }

  @inlinable @inline(__always)
  package func pointer<Scalar>(_: Scalar.Type = Scalar.self) -> UnsafeMutablePointer<Scalar> {
    address.assumingMemoryBound(to: Scalar.self)
  }

  private typealias PackedStrides = SIMD4<Int32>

  /// Strides in so little room that a tensor has it; nil where they are too many or too large.
  private static func packed(_ strides: Strides, _ rank: Int) -> Room? {
    if rank > 4 { return nil }
    var packed = PackedStrides()
    for axis in 0..<rank {
      guard let stride = Int32(exactly: strides[axis]) else { return nil }
      packed[axis] = stride
    }
    return unsafeBitCast(packed, to: Room.self)
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
