#if arch(x86_64)

  public import Kernels

  /// The kernels for machines with AVX-512; calling them on another one ends the program.
  public enum AVX512Kernels {
    public static let float: KernelTable<Float> = AVX512Float.table
    public static let double: KernelTable<Double> = AVX512Double.table
  }

#endif
