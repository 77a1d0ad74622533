/// Median time of a piece of work.
package struct Stopwatch {
  /// Seconds that a workload is repeated for.
  package var budget: Double

  package init(budget: Double = 1) { self.budget = budget }

  /// Seconds that the body takes: the median of at least five runs, after two that do not count.
  package func median(_ body: () -> Void) -> Double {
    body()
    body()
    let clock = ContinuousClock()
    var times: [Duration] = []
    let start = clock.now
    while times.count < 5 || start.duration(to: clock.now) < .seconds(budget) {
      times.append(clock.measure(body))
    }
    times.sort()
    return times[times.count / 2] / .seconds(1)
  }
}
