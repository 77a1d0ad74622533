/// A number as memory holds it: what a kernel's pointers point to.
///
/// Kernels compute in `Computed` and never in this: a vector is converted where it is loaded and where it
/// is stored, by the instruction set (`VectorInstructions.load`, `store`), and a single number by the two
/// conversions here. A format that only saves memory, such as one of 16 bits, conforms without arithmetic.
public protocol StoredScalar: BitwiseCopyable, Sendable {
  /// What is computed in; `Self` where numbers are stored as they are computed.
  associatedtype Computed: KernelScalar

  /// The nearest number that can be stored.
  init(storing number: Computed)
  /// The number, which the wider format holds exactly.
  var computed: Computed { get }
}
