import Autograd
import Kernels

/// What this machine can do at most, measured in this process.
struct Machine {
  /// Floating-point operations a second of multiply-adds on registers, one thread.
  let peak: Double
  /// The same with all threads at once.
  let peakOfAll: Double
  /// Bytes a second read and written by adding two large arrays, all threads.
  let bandwidth: Double

  init() {
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
    let x = Tensor<Float>.zeros([1 << 24])
    let seconds = Stopwatch(budget: 0.3).median { _ = x + x }
    bandwidth = Double(3 * 4 * x.count) / seconds
  }
}
