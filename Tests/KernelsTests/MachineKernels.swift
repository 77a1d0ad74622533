import Foundation
import Kernels
import KernelsAVX2
import KernelsAVX512
import KernelsBaseline

/// Flags of this machine's processor, from `/proc/cpuinfo`.
private let processorFlags: Set<Substring> = {
  let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
  return Set(line.split(separator: " "))
}()

extension MatrixKernels<Float> {
  /// Those that this machine can run.
  static let all: [MatrixKernels] = {
    var all = [baseline]
    #if arch(x86_64)
      if processorFlags.isSuperset(of: ["avx2", "fma"]) { all.append(avx2) }
      if processorFlags.isSuperset(of: ["avx512f", "avx512dq", "avx512vl", "avx512bw"]) {
        all.append(avx512)
      }
    #endif
    return all
  }()
}

extension MatrixKernels<Double> {
  /// Those that this machine can run.
  static let all: [MatrixKernels] = {
    var all = [baseline]
    #if arch(x86_64)
      if processorFlags.isSuperset(of: ["avx2", "fma"]) { all.append(avx2) }
      if processorFlags.isSuperset(of: ["avx512f", "avx512dq", "avx512vl", "avx512bw"]) {
        all.append(avx512)
      }
    #endif
    return all
  }()
}
