public import Kernels

/// The kernels that every machine of the architecture can run.
public enum BaselineKernels {
  /// The kernels for `Float`.
  public static let float: any KernelSet<Float>.Type = BaselineFloat.self
  /// The kernels for `Double`.
  public static let double: any KernelSet<Double>.Type = BaselineDouble.self
}
