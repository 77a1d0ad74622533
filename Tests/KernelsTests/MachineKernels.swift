import Kernels

/// The kernels of one instruction set for one scalar type.
struct MachineKernels<Scalar: TestedScalar>: Sendable {
  let name: String
  let set: any KernelSet<Scalar>.Type

  /// Those that this machine can run.
  static var all: [MachineKernels] {
    Machine.all.map { MachineKernels(name: $0.description, set: Scalar.table($0)) }
  }
}
