#if canImport(Glibc)
  import Glibc
#endif

/// Lets this thread, and those that it starts from now on, treat numbers too small to be normal
/// as 0, and give 0 where such a number would come out.
///
/// - Returns: false where Swift sees no way to do so.
func flushDenormals() -> Bool {
  #if canImport(Glibc) && arch(x86_64)
    var environment = fenv_t()
    guard fegetenv(&environment) == 0 else { return false }
    // Bit 15 of MXCSR flushes results to zero, bit 6 takes denormal operands for zeros.
    environment.__mxcsr |= 1 << 15 | 1 << 6
    return fesetenv(&environment) == 0
  #else
    return false
  #endif
}
