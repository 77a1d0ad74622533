#if arch(x86_64)

  public import Kernels

  /// The kernels for machines with AVX2 and FMA; calling them on another one ends the program.
  public enum AVX2Kernels {
    /// The kernels for `Float`.
    public static let float: KernelTable<Float> = AVX2Float.table
    /// The kernels for `Double`.
    public static let double: KernelTable<Double> = AVX2Double.table
  }

#endif
