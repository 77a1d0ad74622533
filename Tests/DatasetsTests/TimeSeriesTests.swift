import Datasets
import Tasks
import Testing

private func read(_ text: String) throws(DataFileError) -> TimeSeries {
  try TimeSeries(parsing: Array(text.utf8), file: "series.csv")
}

private func malformed(
  _ line: Int, column: String? = nil, _ problem: String
) -> DataFileError {
  .malformed(TextError(file: "series.csv", line: line, column: column, problem: problem))
}

@Suite struct TimeSeriesTests {
  private let text = "date,HUFL,OT\n2016-07-01 00:00:00,5.5,30\n2016-07-01 01:00:00,-6,2.5e1\n"

  @Test func `a table is read row by row`() throws {
    let series = try read(text)
    #expect(series.names == ["HUFL", "OT"])
    #expect(series.times == ["2016-07-01 00:00:00", "2016-07-01 01:00:00"])
    #expect(series.rows == [[5.5, 30], [-6, 25]])
  }

  @Test(
    arguments: [
      "YEAR,N\n1700,5\n1701,11", "\"YEAR\",\"N\"\r\n1700,5\r\n1701,11\r\n",
      "\u{FEFF}YEAR, N\n\n1700 , 5\n  \n1701,\"11\"\n\n",
    ])
  func `quotation marks, line ends, blank lines and a byte-order mark do not matter`(
    text: String
  ) throws {
    let series = try read(text)
    #expect(series.names == ["N"])
    #expect(series.times == ["1700", "1701"])
    #expect(series.rows == [[5], [11]])
  }

  @Test func `a malformed line is named with its number`() {
    #expect(throws: malformed(3, "expected 2 fields as in the header, found 1")) {
      try read("YEAR,N\n1700,5\n1701\n")
    }
    #expect(throws: malformed(4, "expected 2 fields as in the header, found 3")) {
      try read("YEAR,N\n\n1700,5\n1701,1,2\n")
    }
    #expect(throws: malformed(2, column: "N", "expected a number, found \"five\"")) {
      try read("YEAR,N\n1700,five\n")
    }
    #expect(throws: malformed(2, column: "N", "expected a number, found \"\"")) {
      try read("YEAR,N\n1700,\n")
    }
    #expect(
      throws: DataFileError.invalid(
        file: "series.csv", problem: "expected a number in row 1 of column 'N', found nan")
    ) {
      try read("YEAR,N\n1700,nan\n")
    }
    #expect(
      throws: DataFileError.invalid(
        file: "series.csv",
        problem: "expected the names of a time and of variables, found \"YEAR\"")
    ) {
      try read("YEAR\n1700\n")
    }
    #expect(throws: malformed(2, column: "YEAR", "the text is not UTF-8")) {
      try TimeSeries(
        parsing: Array("YEAR,N\n".utf8) + [0x31, 0xFF, 0x2C, 0x0A], file: "series.csv")
    }
  }

  @Test func `a file without rows, and one that is not there, are errors`() {
    #expect(throws: DataFileError.empty(file: "series.csv", expected: "a header")) {
      try read("\n\n")
    }
    #expect(
      throws: DataFileError.empty(file: "series.csv", expected: "rows after the header")
    ) {
      try read("YEAR,N\n")
    }
    #expect {
      try TimeSeries(contentsOf: "/nowhere/series.csv")
    } throws: { error in
      "\(error)".hasPrefix("/nowhere/series.csv cannot be read: ")
    }
    #expect(malformed(3, "found").description == "series.csv:3: found")
  }

  @Test func `the sunspots that ship are those of 309 years`() throws {
    let series = try TimeSeries.sunspots()
    #expect(series.names == ["SUNACTIVITY"])
    #expect(series.times.first == "1700" && series.times.last == "2008")
    #expect(series.rows.count == 309)
    #expect(series.rows[257] == [190.2])  // The highest, of 1957.
    #expect(series.rows.map { $0[0] }.max() == 190.2)
  }

  @Test func `values are standardized by the statistics of some rows`() throws {
    let series = try read("t,a,b\n1,1,7\n2,3,7\n3,11,7\n")
    let statistics = series.statistics(of: 0..<2)
    #expect(statistics.map(\.mean) == [2, 7])
    #expect(statistics.map(\.deviation) == [1, 1])
    #expect(series.standardized(by: statistics).rows == [[-1, 0], [1, 0], [9, 0]])
  }

  @Test func `windows may begin before the rows that they forecast`() throws {
    let text = "t,a\n" + (0..<10).map { "\($0),\($0)" }.joined(separator: "\n")
    let series = try read(text)
    #expect(series.windows(forecasting: 0..<6, past: 3, future: 2) == [0, 1])
    #expect(series.windows(forecasting: 6..<10, past: 3, future: 2) == [3, 4, 5])
    #expect(series.windows(forecasting: 6..<20, past: 3, future: 2) == [3, 4, 5])
    #expect(series.windows(forecasting: 9..<10, past: 3, future: 2).isEmpty)
    #expect(series.values(from: [3, 5], length: 2) == [3, 4, 5, 6])
  }
}
