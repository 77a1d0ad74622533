#if arch(x86_64)

  public import Kernels

  /// The kernels for machines with AVX-512; calling them on another one ends the program.
  public enum AVX512Kernels {
    /// The kernels for `Float`.
    public static let float: KernelTable<Float> = AVX512Float.table
    /// The kernels for `Double`.
    public static let double: KernelTable<Double> = AVX512Double.table
  }

#endif
