#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How the processor rounds, and what it does with denormal numbers, on one thread.
///
/// Gradual underflow is kept, as IEEE 754 has it, unless a caller asks otherwise: results of the
/// library are those of any other program. But arithmetic on denormal numbers is slower, by how
/// much depends on the processor; training, in which gradients and the averages of their squares
/// fade away, loses nothing when they are taken as zeros.
package struct FloatingPointEnvironment: Equatable, Sendable {
  private var control: UInt32

  #if arch(x86_64)
    /// MXCSR: denormal operands are zeros (6), denormal results are zeros (15).
    private static let flushing: UInt32 = 1 << 6 | 1 << 15
    /// The bits of MXCSR that say what happened, not what is to happen.
    private static let status: UInt32 = 0x3f
  #elseif arch(arm64)
    /// FPCR: denormal operands and results are zeros.
    private static let flushing: UInt32 = 1 << 24
    private static let status: UInt32 = 0
  #endif

  /// That of the calling thread.
  package static var current: FloatingPointEnvironment {
    get {
      var environment = fenv_t()
      fegetenv(&environment)
      #if arch(x86_64)
        return FloatingPointEnvironment(control: environment.__mxcsr & ~status)
      #else
        return FloatingPointEnvironment(control: UInt32(environment.__fpcr))
      #endif
    }
    set {
      var environment = fenv_t()
      fegetenv(&environment)
      #if arch(x86_64)
        environment.__mxcsr = newValue.control | environment.__mxcsr & status
      #else
        environment.__fpcr = newValue.control
      #endif
      fesetenv(&environment)
    }
  }

  /// This environment with denormal numbers taken as zeros.
  package var flushingDenormals: FloatingPointEnvironment {
    FloatingPointEnvironment(control: control | Self.flushing)
  }
}
