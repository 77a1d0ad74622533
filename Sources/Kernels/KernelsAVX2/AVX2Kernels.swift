#if arch(x86_64)

  public import Kernels

  /// The kernels for machines with AVX2 and FMA; calling them on another one ends the program.
  public enum AVX2Kernels {
    public static let float: KernelTable<Float> = AVX2Float.table
    public static let double: KernelTable<Double> = AVX2Double.table
  }

#endif
