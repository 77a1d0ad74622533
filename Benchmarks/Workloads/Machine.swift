import Autograd
import Kernels

/// What this machine can do at most, measured in this process.
package struct Machine: Encodable {
  /// Floating-point operations a second of multiply-adds on registers, one thread.
  package let peak: Double
  /// Floating-point operations a second that all threads reach at once.
  package let peakOfAll: Double
  /// Bytes a second that all threads read and write: the better of adding two large arrays to a
  /// third and of summing one.
  package let bandwidth: Double

  package init() {
    peak = Machine.peak(1)
    peakOfAll = Machine.peak(Threads.count)
    let (x, y) = (Tensor<Float>.zeros([1 << 24]), Tensor<Float>.ones([1 << 24]))
    let array = Double(4 * x.count)
    let stopwatch = Stopwatch(budget: 0.2)
    bandwidth = Swift.max(
      3 * array / stopwatch.median { _ = x + y }, array / stopwatch.median { _ = x.sum() })
  }

  /// Floating-point operations a second that so many threads reach on registers alone: the best of
  /// five tries of some milliseconds.
  package static func peak(_ threads: Int) -> Double {
    let table = Float.kernels
    let iterations = 2_000_000
    let operations = table.peak(iterations: 1) * Double(iterations) * Double(threads)
    let clock = ContinuousClock()
    let times = (0..<5).map { _ in
      clock.measure { Threads.parallel(threads) { _ in _ = table.peak(iterations: iterations) } }
    }
    return operations / (times.min()! / .seconds(1))
  }

  /// The least seconds that the workload can take here; nil if nothing bounds it.
  ///
  /// - Parameter peak: What all threads reached about the time when the workload ran: a processor's
  ///   clock changes by some percent within seconds.
  package func bound(of workload: Workload, at peak: Double) -> Double? {
    let bound = Swift.max(workload.operations / peak, workload.bytes / bandwidth)
    return bound > 0 ? bound : nil
  }
}
