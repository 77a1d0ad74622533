public import Kernels
import KernelsAVX2
import KernelsBaseline
import KernelsAVX512
import KernelsNEON
import Platform

/// The instruction sets that kernels exist for, the lowest first.
public enum InstructionSet: String, CaseIterable, Sendable {
  /// What every machine of the architecture has.
  case baseline
  /// AVX2 with FMA: x86-64-v3.
  case avx2
  /// AVX-512 F, BW, CD, DQ, VL: x86-64-v4.
  case avx512
  /// NEON, which every arm64 processor has: above the baseline, as that one multiplies and adds apart.
  case neon
}

/// What this process uses of the processor: an instruction set, which is chosen once, and threads.
public enum Processor {
  /// The environment variable that forces an instruction set below the machine's best.
  public static let environmentVariable = "TAPESTRY_INSTRUCTION_SET"

  /// The instruction set in use: the machine's best, or the one that `TAPESTRY_INSTRUCTION_SET`
  /// names. Ends the program with status 2 and one sentence where the machine lacks that one.
  public static let instructionSet: InstructionSet = {
    if let problem = environmentProblem { Environment.quit(problem) }
    return wantedInstructionSet.flatMap { InstructionSet(rawValue: $0) }
      ?? availableInstructionSets.last!
  }()

  /// What is wrong with the environment variable: a sentence without its full stop; nil if it is not
  /// set, or names an instruction set of this machine.
  static var environmentProblem: String? {
    guard let wanted = wantedInstructionSet else { return nil }
    guard let choice = InstructionSet(rawValue: wanted) else {
      let names = InstructionSet.allCases.map(\.rawValue).joined(separator: ", ")
      return "\(environmentVariable)=\(wanted) is not an instruction set; there are \(names)"
    }
    if availableInstructionSets.contains(choice) { return nil }
    let offered = availableInstructionSets.map(\.rawValue).joined(separator: ", ")
    return "\(environmentVariable)=\(wanted): this machine has only \(offered)"
  }

  private static var wantedInstructionSet: String? {
    EnvironmentVariables[environmentVariable].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The instruction sets that this processor has, the lowest first.
  public static let availableInstructionSets: [InstructionSet] = {
    var result: [InstructionSet] = [.baseline]
    #if arch(x86_64)
      let flags = Processors.features
      guard flags.isSuperset(of: ["avx2", "fma", "bmi1", "bmi2", "f16c", "movbe", "abm"]) else {
        return result
      }
      result.append(.avx2)
      if flags.isSuperset(of: ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]) {
        result.append(.avx512)
      }
    #elseif arch(arm64)
      result.append(.neon)
    #endif
    return result
  }()

  @usableFromInline static let float: any KernelSet<Float>.Type =
    switch instructionSet {
    #if arch(x86_64)
      case .avx2: AVX2Kernels.float
      case .avx512: AVX512Kernels.float
      case .baseline, .neon: BaselineKernels.float
    #elseif arch(arm64)
      case .neon: NEONKernels.float
      case .baseline, .avx2, .avx512: BaselineKernels.float
    #else
      case .baseline, .avx2, .avx512, .neon: BaselineKernels.float
    #endif
    }

  @usableFromInline static let double: any KernelSet<Double>.Type =
    switch instructionSet {
    #if arch(x86_64)
      case .avx2: AVX2Kernels.double
      case .avx512: AVX512Kernels.double
      case .baseline, .neon: BaselineKernels.double
    #elseif arch(arm64)
      case .neon: NEONKernels.double
      case .baseline, .avx2, .avx512: BaselineKernels.double
    #else
      case .baseline, .avx2, .avx512, .neon: BaselineKernels.double
    #endif
    }
}

extension Processor {
  /// Number of threads that large operations share, the calling one included. At first what
  /// `TAPESTRY_THREADS` says, or else the number of processors; results do not depend on it.
  public static var threadCount: Int {
    get { Threads.count }
    set { Threads.count = newValue }
  }
}
