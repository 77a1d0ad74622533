import Autograd
import Kernels

/// What this machine can do at most, measured in this process.
package struct Machine: Encodable {
  /// Floating-point operations a second of multiply-adds on registers, one thread.
  package let peak: Double
  /// The same with all threads at once.
  package let peakOfAll: Double
  /// Bytes a second that all threads read and write: the better of adding two large arrays to a
  /// third and of summing one.
  package let bandwidth: Double

  package init() {
    let table = Float.kernels
    let iterations = 2_000_000
    func rate(_ threads: Int) -> Double {
      let clock = ContinuousClock()
      var best = 0.0
      for _ in 0..<5 {
        let time = clock.measure {
          Threads.parallel(threads) { _ in _ = table.peak(iterations) }
        }
        let operations = table.peak(1) * Double(iterations) * Double(threads)
        best = Swift.max(best, operations / (time / .seconds(1)))
      }
      return best
    }
    peak = rate(1)
    peakOfAll = rate(Threads.count)
    let (x, y) = (Tensor<Float>.zeros([1 << 24]), Tensor<Float>.ones([1 << 24]))
    let array = Double(4 * x.count)
    let stopwatch = Stopwatch(budget: 0.2)
    bandwidth = Swift.max(
      3 * array / stopwatch.median { _ = x + y }, array / stopwatch.median { _ = x.sum() })
  }

  /// The least seconds that the workload can take here; nil if nothing bounds it.
  package func bound(of workload: Workload) -> Double? {
    let bound = Swift.max(workload.operations / peakOfAll, workload.bytes / bandwidth)
    return bound > 0 ? bound : nil
  }
}
