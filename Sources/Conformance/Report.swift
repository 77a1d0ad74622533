/// The counts of one family and name.
package struct Count: CustomStringConvertible {
  package var passed = 0
  package var failed = 0
  package var skipped = 0

  package init() {}

  /// As in `3 passed, 0 failed, 0 skipped`.
  package var description: String { "\(passed) passed, \(failed) failed, \(skipped) skipped" }

  static func += (a: inout Count, b: Count) {
    a.passed += b.passed
    a.failed += b.failed
    a.skipped += b.skipped
  }
}

/// What became of the cases.
package struct Report {
  package private(set) var counts: [String: Count] = [:]
  package private(set) var failures: [(case: String, difference: Difference)] = []

  package init() {}

  package mutating func pass(_ name: String) { counts[name, default: Count()].passed += 1 }

  package mutating func skip(_ name: String) { counts[name, default: Count()].skipped += 1 }

  package mutating func fail(_ name: String, _ path: String, _ difference: Difference) {
    counts[name, default: Count()].failed += 1
    failures.append((path, difference))
  }

  package var total: Count { counts.values.reduce(into: Count()) { $0 += $1 } }

  /// Names of which nothing, or not everything, could be run.
  package var skippedNames: [String] {
    counts.filter { $0.value.skipped > 0 }.keys.sorted()
  }

  /// The table, the failures, the skipped names and the sums.
  ///
  /// - Parameters:
  ///   - title: stands above the names, and before the sums.
  ///   - limit: how many failures of one name are told; the table counts all.
  package func text(_ title: String, failuresOfEach limit: Int) -> String {
    var lines = [row(title, "passed", "failed", "skipped")]
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
      lines.append(row(name, "\(count.passed)", "\(count.failed)", "\(count.skipped)"))
    }
    if !failures.isEmpty { lines += ["", "Failures:"] }
    var told: [String: Int] = [:]
    for failure in failures {
      let folder = failure.case.split(separator: "/").dropLast().joined(separator: "/")
      told[folder, default: 0] += 1
      if told[folder]! <= limit { lines.append("  \(failure.case): \(failure.difference)") }
    }
    let hidden = told.values.reduce(0) { $0 + max($1 - limit, 0) }
    if hidden > 0 { lines.append("  and \(hidden) more, see --verbose") }
    if !skippedNames.isEmpty {
      lines += ["", "Skipped, as the library has nothing of that name yet:"]
      lines += skippedNames.map { "  \($0)" }
    }
    lines += ["", "\(title): \(total)"]
    return lines.joined(separator: "\n") + "\n"
  }

  private func row(_ name: String, _ columns: String...) -> String {
    let width = max(counts.keys.map(\.count).max() ?? 0, 20) + 2
    let padded = columns.map { String(repeating: " ", count: max(9 - $0.count, 0)) + $0 }
    return name + String(repeating: " ", count: width - name.count) + padded.joined()
  }
}
