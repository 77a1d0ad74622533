import DataFiles
import Testing

private func table(
  _ text: String, _ format: Table.Format = .csv, kinds: [String: Table.Kind] = [:]
) throws(DataFileError) -> Table {
  try Table(parsing: Array(text.utf8), file: "a.csv", format, kinds: kinds)
}

private func missing(_ numbers: [Double]) -> [Double?] { numbers.map { $0.isNaN ? nil : $0 } }

private func texts(_ column: Table.Column) -> [String?] {
  guard case .texts(let texts) = column.values else { return [] }
  return texts
}

@Suite struct TableTests {
  @Test func `the type of a column is the narrowest that holds all its fields`() throws {
    let read = try table(
      "whole,number,late,truth,text,mixed\n1,1,1,true,a,1\n-2,2.5,2,False,,x\n3,1e3,3.5,TRUE,NA,true\n"
    )
    #expect(
      read.description
        == "3 rows: whole (integer), number (number), late (number), truth (truth), text (text), "
        + "mixed (text)")
    #expect(try read["whole"].integers() == [1, -2, 3])
    #expect(try read["number"].numbers() == [1, 2.5, 1000])
    #expect(try read["late"].numbers() == [1, 2, 3.5])
    #expect(try read["truth"].truths() == [true, false, true])
    #expect(try read["mixed"].texts() == ["1", "x", "true"])
    #expect(try texts(read["text"]) == ["a", nil, nil])
  }

  @Test func `a missing number is NaN, and makes numbers of whole ones`() throws {
    let read = try table("a,b,c,d\n,1,,true\n2,NA,NaN,\n3,3,null,false\n")
    #expect(missing(try read["a"].numbers()) == [nil, 2, 3])
    #expect(missing(try read["b"].numbers()) == [1, nil, 3])
    #expect(missing(try read["c"].numbers()) == [nil, nil, nil])
    #expect(missing(try read["d"].numbers()) == [1, nil, 0])
    var format = Table.Format.csv
    format.missing = ["-999"]
    let other = try table("a,b\n-999,NA\n2,x\n", format)
    #expect(missing(try other["a"].numbers()) == [nil, 2])
    #expect(try other["b"].texts() == ["NA", "x"])
  }

  @Test func `a quoted field has separators, marks and line ends`() throws {
    let read = try table("a,\"b\"\"c\"\r\n\"1,5\",\"x\ny\"\r\n\"say \"\"ä\"\"\",\"\"\r\n")
    #expect(read.names == ["a", "b\"c"])
    #expect(try read["a"].texts() == ["1,5", "say \"ä\""])
    #expect(try read["b\"c"].texts() == ["x\ny", ""])
    // Programs that quote every field do not mean texts.
    let numbers = try table("a,b\n\"1\",\"0.5\"\n\"2\",\"\"\n")
    #expect(try numbers["a"].integers() == [1, 2])
    #expect(missing(try numbers["b"].numbers()) == [0.5, nil])
    let format = Table.Format(separator: "\t", hasQuotes: false)
    #expect(try table("a\tb\n\"x\t5\"\n", format)["a"].texts() == ["\"x"])
  }

  @Test(
    arguments: [
      "a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4", "\u{FEFF}a,b\n\n1,2\n  \n3,4\n\n\n",
      "a,b\n1 , 2\n+3,4\r\n\r\n",
      "\"a\",\"b\"\n1,2\n3,4",
    ])
  func `line ends, blank lines and a byte-order mark do not matter`(text: String) throws {
    let read = try table(text)
    #expect(read.names == ["a", "b"] && read.rowCount == 2)
    #expect(try read["a"].integers() == [1, 3] && read["b"].integers() == [2, 4])
  }

  @Test func `a table may have no header, and other separators`() throws {
    var format = Table.Format(separator: ";", hasHeader: false)
    let read = try table("1;x\n2;y\n", format)
    #expect(read.names == ["column 1", "column 2"])
    #expect(try read["column 1"].integers() == [1, 2])
    format.hasHeader = true
    #expect(try table("a;b\n", format).rowCount == 0)
    #expect(try table("x\ty\n0\t\n", .tsv).description == "1 rows: x (integer), y (number)")
  }

  @Test func `infinite numbers, and such of many digits`() throws {
    let read = try table(
      "a,b\ninf,0.1000000000000000055511151231257827\n-Infinity,123456789012345678901\n")
    #expect(try read["a"].numbers() == [.infinity, -.infinity])
    #expect(try read["b"].numbers() == [0.1, Double("123456789012345678901")!])
    #expect(
      try table("a\n9223372036854775807\n9223372036854775808\n")["a"].numbers() == [0x1p63, 0x1p63])
  }

  @Test(arguments: [
    ("", "a.csv: expected a header, found none"),
    ("a,b\n1\n", "a.csv:2: expected 2 fields as in the header, found 1"),
    ("a,b\n\n\"x\ny\",2\n1,2,\"3\",\n", "a.csv:5: expected 2 fields as in the header, found 4"),
    ("a,a\n", "a.csv:1: expected different names, found two columns \"a\""),
    ("a\n\"x\" y\n", "a.csv:2: expected a separator after the quotation mark that ends \"x\""),
    (
      "a\n1\n\"x\ny\n",
      "a.csv:3: expected a quotation mark at the end of a field, found the end of the file"
    ),
  ])
  func `a malformed row is named with its line`(text: String, sentence: String) {
    #expect(complaint { _ = try table(text) } == sentence)
  }

  @Test func `a field that has not the type it was told is named with its column`() {
    let text = "a,b\n1,x\n2.5,y\n,z\n"
    func refused(_ kinds: [String: Table.Kind]) -> String? {
      complaint { _ = try table(text, kinds: kinds) }
    }
    #expect(refused(["a": .number]) == nil && refused(["a": .text]) == nil)
    #expect(
      refused(["a": .integer]) == "a.csv:3, column 'a': expected a whole number, found \"2.5\"")
    #expect(refused(["b": .number]) == "a.csv:2, column 'b': expected a number, found \"x\"")
    #expect(refused(["b": .truth]) == "a.csv:2, column 'b': expected true or false, found \"x\"")
    #expect(refused(["c": .text]) == "a.csv: expected a column 'c', found 'a', 'b'")
    #expect(
      complaint { _ = try Table(parsing: Array("a\n".utf8) + [0x61, 0xFF, 10], file: "a.csv") }
        == "a.csv:2, column 'a': the text is not UTF-8")
  }

  @Test func `a column that is not what is wanted says so`() throws {
    let read = try table("a,b,c\n1,x,0.5\n2,,\n")
    #expect(complaint { _ = try read["d"] } == "a.csv: expected a column 'd', found 'a', 'b', 'c'")
    #expect(
      complaint { _ = try read["b"].numbers() }
        == "a.csv: expected numbers in column 'b', found texts")
    #expect(
      complaint { _ = try read["c"].integers() }
        == "a.csv: expected whole numbers in column 'c', found numbers")
    #expect(
      complaint { _ = try read["b"].texts() }
        == "a.csv: expected a value in row 2 of column 'b', found none")
  }

  @Test func `classes are numbered in their order`() throws {
    let read = try table("text,whole,truth,number\nb,10,true,0.5\na,9,true,1\nb,10,false,1\n")
    let texts = try read["text"].classes()
    #expect(texts.labels == [1, 0, 1] && texts.names == ["a", "b"])
    let numbers = try read["whole"].classes()
    #expect(numbers.labels == [1, 0, 1] && numbers.names == ["9", "10"])
    let truths = try read["truth"].classes()
    #expect(truths.labels == [1, 1, 0] && truths.names == ["false", "true"])
    #expect(complaint { _ = try read["number"].classes() }?.contains("found numbers") == true)
  }

  @Test func `what is written is read as the same`() throws {
    let columns: [Table.Column] = [
      .init("whole", .integers([1, .min, .max, 0])),
      .init("number, \"exact\"", .numbers([0.1, -.infinity, .nan, Double.leastNonzeroMagnitude])),
      .init("truth", .truths([true, nil, false, nil])),
      .init("text", .texts(["a,b\n", nil, "NA", ""])),
      .init(" ", .texts(["\"", " x ", "\r", "é"])),
    ]
    for format in [Table.Format.csv, .tsv, .init(separator: ";", missing: ["?"])] {
      let read = try Table(parsing: Table(columns).csv(format), file: "b", format)
      #expect(read.names == columns.map(\.name))
      #expect(try read["whole"].integers() == [1, .min, .max, 0])
      #expect(
        missing(try read.columns[1].numbers()) == [
          0.1, -.infinity, nil, Double.leastNonzeroMagnitude,
        ])
      #expect(missing(try read["truth"].numbers()) == [1, nil, 0, nil])
      #expect(try texts(read["text"]) == ["a,b\n", nil, "NA", ""])
      #expect(try read[" "].texts() == ["\"", " x ", "\r", "é"])
    }
    // A row of one column without a value is no blank line.
    let one = Table([.init("a", .numbers([1, .nan, 2]))])
    #expect(String(decoding: one.csv(), as: UTF8.self) == "a\n1.0\nNA\n2.0\n")
    #expect(try Table(parsing: one.csv(), file: "b").rowCount == 3)
  }

  @Test func `a first name that begins with a mark of the byte order keeps it`() throws {
    for (format, text) in [
      (Table.Format.csv, "\n\u{FEFF}a,b\n1,2\n"), (.tsv, "\n\u{FEFF}a\tb\n1\t2\n"),
    ] {
      let table = try Table(parsing: Array(text.utf8), file: "a", format)
      let again = try Table(parsing: table.csv(format), file: "b", format)
      #expect(table.columns[0].name.hasPrefix("\u{FEFF}"))
      #expect(again.columns.map(\.name) == table.columns.map(\.name))
    }
  }

  @Test func `a table that pandas has written`() throws {
    let read = try Table(contentsOf: Fixtures.path("pandas.csv"))
    #expect(
      read.description
        == "3 rows: whole (integer), number (number), truth (truth), text (text)")
    #expect(try read["whole"].integers() == [1, -2, 3])
    #expect(missing(try read["number"].numbers()) == [0.1, nil, -2.5e-300])
    #expect(try read["truth"].truths() == [true, false, true])
    #expect(try texts(read["text"]) == ["a,b", nil, "say \"ä\""])
  }
}
