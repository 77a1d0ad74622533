import Foundation
import Tasks

/// Variables that were measured together at equal distances of time.
///
/// In a file: comma-separated, a header with the names, then a line for each time, earliest first. The
/// first column is the time, as its source writes it; all others are numbers.
///
///     date,HUFL,OT
///     2016-07-01 00:00:00,5.827,30.531
///     2016-07-01 01:00:00,5.693,27.787
public struct TimeSeries: Equatable, Sendable {
  /// The names of the variables.
  public let names: [String]
  /// When each row was measured, as it stands in the file.
  public let times: [String]
  /// `[times, variables]`: the values measured at one time after another.
  public private(set) var rows: [[Double]]

  /// Reads a file.
  ///
  /// - Throws: `DataFileError` for a file that cannot be read or has no rows, and for the first
  ///   malformed line.
  public init(contentsOf path: String) throws(DataFileError) {
    try self.init(parsing: readBytes(path), file: path)
  }

  /// Parses the bytes of a file.
  ///
  /// - Parameters:
  ///   - bytes: the content, UTF-8.
  ///   - file: how errors name the file.
  /// - Throws: `DataFileError` as `init(contentsOf:)`.
  public init(parsing bytes: [UInt8], file: String) throws(DataFileError) {
    let format = Table.Format(separator: ",", missing: [])
    let table = try Table(parsing: bytes, file: file, format) { place, _ in
      place == 0 ? .text : .number
    }
    let names = table.names.map { $0.trimmingCharacters(in: .whitespaces) }
    if names.count < 2 {
      throw .invalid(
        file: file,
        problem: "expected the names of a time and of variables, found \(quoted(names[0]))")
    }
    let times = try table.columns[0].texts().map { $0.trimmingCharacters(in: .whitespaces) }
    var rows = times.map { _ in [Double]() }
    for column in table.columns.dropFirst() {
      for (row, number) in try column.numbers().enumerated() {
        if !number.isFinite {
          throw .invalid(
            file: file,
            problem: "expected a number in row \(row + 1) of column '\(column.name)', found "
              + "\(number)")
        }
        rows[row].append(number)
      }
    }
    if rows.isEmpty { throw .empty(file: file, expected: "rows after the header") }
    self.names = Array(names.dropFirst())
    self.times = times
    self.rows = rows
  }

  /// The yearly sunspot numbers of 1700 to 2008, which ship with the project.
  ///
  /// - Throws: `DataFileError` if the file is not where the package manager puts it.
  public static func sunspots() throws(DataFileError) -> TimeSeries {
    try TimeSeries(contentsOf: Resource.path("Sunspots/sunspots.csv", of: "Datasets"))
  }
}

extension TimeSeries {
  /// Mean and deviation of a variable.
  public struct Statistics: Codable, Equatable, Sendable {
    /// The mean.
    public let mean: Double
    /// The root of the mean squared distance from the mean; 1 where all values are the same.
    public let deviation: Double

    /// Statistics that are known.
    public init(mean: Double, deviation: Double) {
      self.mean = mean
      self.deviation = deviation
    }
  }

  /// Mean and deviation of each variable.
  ///
  /// - Parameter range: the rows that count, at least one; those to learn from, for a fair test.
  public func statistics(of range: Range<Int>) -> [Statistics] {
    precondition(!range.isEmpty, "TimeSeries: statistics of no rows")
    return names.indices.map { variable in
      let values = rows[range].map { $0[variable] }
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (squares / Double(values.count)).squareRoot()
      return Statistics(mean: mean, deviation: deviation > 0 ? deviation : 1)
    }
  }

  /// Every value less the mean of its variable, over its deviation.
  ///
  /// - Parameter statistics: of each variable.
  public func standardized(by statistics: [Statistics]) -> TimeSeries {
    precondition(
      statistics.count == names.count,
      "TimeSeries: statistics of \(statistics.count) variables for \(names.count)")
    var result = self
    result.rows = rows.map { row in
      zip(row, statistics).map { ($0 - $1.mean) / $1.deviation }
    }
    return result
  }

  /// The starts of all windows of past and future rows whose future lies in a range. The past may
  /// reach back before the range, as in the published figures of the ETT data.
  ///
  /// - Parameters:
  ///   - range: the rows that are forecast.
  ///   - past: rows that a forecast is made from.
  ///   - future: rows of a forecast.
  public func windows(forecasting range: Range<Int>, past: Int, future: Int) -> [Int] {
    let first = max(range.lowerBound - past, 0)
    let last = min(range.upperBound, rows.count) - past - future
    return last < first ? [] : Array(first...last)
  }

  /// The values of rows of several windows one after another, `[windows, length, variables]`.
  ///
  /// - Parameters:
  ///   - starts: the first row of each window.
  ///   - length: rows of each window.
  public func values(from starts: [Int], length: Int) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(starts.count * length * names.count)
    for start in starts {
      for row in rows[start..<(start + length)] {
        for value in row { values.append(Float(value)) }
      }
    }
    return values
  }
}
