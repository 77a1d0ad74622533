#if arch(arm64)

  public import Kernels

  /// The kernels for arm64, which always has NEON.
  public enum NEONKernels {
    /// The kernels for `Float`.
    public static let float: any KernelSet<Float>.Type = NEONFloat.self
    /// The kernels for `Double`.
    public static let double: any KernelSet<Double>.Type = NEONDouble.self
  }

#endif
