/// The names that are most like one that is not there.
package enum NearestNames {
  /// At most three, the nearest first.
  package static func of(_ name: String, among names: some Collection<String>) -> [String] {
    let wanted = Array(name.utf8.prefix(longest))
    return names.map { (name: $0, distance: distance(wanted, Array($0.utf8.prefix(longest)))) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
      .prefix(3).map(\.name)
  }

  /// Bytes of a name that are compared.
  private static let longest = 200

  /// The least number of bytes to insert, remove or replace (Levenshtein, 1966).
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var corner = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let best = Swift.min(corner + (x == y ? 0 : 1), row[j] + 1, row[j + 1] + 1)
        corner = row[j + 1]
        row[j + 1] = best
      }
    }
    return row[b.count]
  }
}
