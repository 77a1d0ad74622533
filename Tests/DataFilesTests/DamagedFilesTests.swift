import DataFiles
import Testing

/// No file ends the program, whatever it says: it is an error, or it is read.
@Suite struct DamagedFilesTests {
  /// Reads bytes as what the name says.
  private static func read(_ bytes: [UInt8], _ name: String) throws(DataFileError) {
    switch name.split(separator: ".").last {
    case "csv":
      _ = try Table(parsing: bytes, file: name)
      _ = try TextLines(bytes, file: name)
    case "wav": _ = try Waveform(parsing: bytes, file: name)
    default:
      let image = try RasterImage(parsing: bytes, file: name, limit: 1 << 16)
      _ = image.converted(to: .gray)
    }
  }

  @Test func `errors quote a file without what a terminal would obey`() throws {
    let table = try Table(parsing: Array("a\u{1B}[2J\n1\n\u{1B}]0;x\u{7}\n".utf8), file: "t\n.csv")
    let error = #expect(throws: DataFileError.self) { try table.columns[0].numbers() }
    let sentence = "t\\u{A}.csv: expected numbers in column 'a\\u{1B}[2J', found texts"
    #expect(try #require(error).description == sentence)
    let line = TextError(file: "t", line: 3, column: "a\u{7}", problem: "found \"\u{1B}]0;x\"")
    #expect("\(line)" == "t:3, column 'a\\u{7}': found \"\\u{1B}]0;x\"")
  }

  @Test func `every byte of a file may be any other, and it may end anywhere`() throws {
    var errors = 0
    for name in try Fixtures.names {
      let whole = try Fixtures.bytes(name)
      try Self.read(whole, name)
      for count in 0..<whole.count {
        do throws(DataFileError) {
          try Self.read(Array(whole[..<count]), name)
        } catch { errors += 1 }
      }
      var changed = whole
      for place in whole.indices {
        for value in UInt8.min...UInt8.max {
          changed[place] = value
          do throws(DataFileError) {
            try Self.read(changed, name)
          } catch {
            errors += 1
            if place % 16 == 0 { #expect("\(error)".hasPrefix(name)) }
          }
        }
        changed[place] = whole[place]
      }
    }
    #expect(errors > 100_000)
  }

  /// A checksum would keep most changes from being looked at.
  @Test func `every byte of a PNG's header, palette and rows may be any other`() {
    let palette: [(String, [UInt8])] = [
      ("PLTE", [1, 2, 3, 4, 5, 6]), ("tRNS", [9, 8]),
    ]
    var (read, refused) = (0, 0)
    for kind: UInt8 in [0, 2, 3, 4, 6] {
      for interlacing: UInt8 in [0, 1] {
        let header: [UInt8] = [0, 0, 0, 5, 0, 0, 0, 3, 8, kind, 0, 0, interlacing]
        let channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][kind]!
        let passes =
          interlacing == 0 ? [(5, 3)] : [(1, 1), (1, 1), (2, 1), (2, 1), (3, 1), (2, 2), (5, 1)]
        let rows: [UInt8] = passes.flatMap { columns, rows in
          [[UInt8]](repeating: [4] + [UInt8](repeating: 1, count: columns * channels), count: rows)
            .flatMap { $0 }
        }
        let parts = kind == 3 ? palette : []
        func look(_ header: [UInt8], _ rows: [UInt8], _ parts: [(String, [UInt8])]) {
          let file = PortableNetworkGraphics.file(
            header: header, rows: rows, parts: parts.map { (kind: $0.0, content: $0.1) })
          do throws(DataFileError) {
            _ = try RasterImage(parsing: file, file: "a.png", limit: 1 << 16)
            read += 1
          } catch { refused += 1 }
        }
        look(header, rows, parts)
        for value in UInt8.min...UInt8.max {
          for place in header.indices {
            var changed = header
            changed[place] = value
            look(changed, rows, parts)
          }
          for place in rows.indices {
            var changed = rows
            changed[place] = value
            look(header, changed, parts)
          }
        }
        for count in 0..<20 {
          look(header, rows, [("PLTE", [UInt8](repeating: 7, count: count))])
          look(header, rows, parts + [("tRNS", [UInt8](repeating: 1, count: count))])
        }
      }
    }
    #expect(read > 10_000 && refused > 10_000)
  }

  @Test func `tables of any few characters are read or refused`() throws {
    let characters = Array("1,\"\n\r a.e-".utf8)
    var count = 0
    for length in 0...4 {
      var places = [Int](repeating: 0, count: length)
      while true {
        let text = places.map { characters[$0] }
        for header in ["", "a,b\n"] {
          if let table = try? Table(parsing: Array(header.utf8) + text, file: "a.csv") {
            count += 1
            // What was read is written and read again.
            let again = try Table(parsing: table.csv(), file: "b.csv")
            if again.description != table.description {
              Issue.record("\(table) became \(again)")
            }
          }
        }
        guard let next = places.lastIndex(where: { $0 + 1 < characters.count }) else { break }
        places[next] += 1
        for place in (next + 1)..<max(length, next + 1) { places[place] = 0 }
      }
    }
    #expect(count > 5000)
  }

  @Test func `sizes that a file claims cost no memory`() {
    let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
    let header: [UInt8] = [0, 0, 0xFF, 0xFF, 0, 0, 0x03, 0xFF, 8, 6, 0, 0, 0]
    let png = PortableNetworkGraphics.file(header: header, rows: [0, 1, 2])
    #expect(
      complaint { try Self.read(png, "a.png") }
        == "a.png, byte 33: expected 1 to 65536 pixels, as `limit` allows, found 65535 x 1023")
    #expect(
      complaint { _ = try RasterImage(parsing: png, file: "a.png", limit: .max) }
        == "a.png, byte 71: expected 268170243 bytes of pixels, found 3 after unpacking")
    #expect(
      complaint {
        _ = try RasterImage(
          parsing: Array("P6 99999999 99999999 255 ".utf8), file: "a", limit: .max)
      }
        == "a, byte 24: expected 1 to 281474976710656 pixels, as `limit` allows, found 99999999 x 99999999"
    )
    #expect(
      complaint {
        _ = try RasterImage(parsing: Array("P3 9999999 9999999 255 1".utf8), file: "a", limit: .max)
      }
        == "a, byte 22: the file is cut off: expected 299999940000003 numbers of pixels, found 2 bytes"
    )
    let wav = Array("RIFF".utf8) + huge + Array("WAVEdata".utf8) + huge
    #expect(
      complaint { try Self.read(wav, "a.wav") }
        == "a.wav, byte 12: the samples stand before the chunk \"fmt \"")
    var format = Table.Format.csv
    format.columnLimit = 3
    #expect(
      complaint { _ = try Table(parsing: Array("a,b,c,d\n".utf8), file: "a.csv", format) }
        == "a.csv:1: expected at most the 3 columns of `columnLimit`, found more")
  }

  @Test func `a file with more bytes than are allowed is not read`() throws {
    let sentence = " cannot be read: It has more than the 10 bytes that are allowed"
    #expect(
      complaint { _ = try Table(contentsOf: Fixtures.path("pandas.csv"), limit: 10) }
        == Fixtures.path("pandas.csv") + sentence)
    #expect(
      complaint { _ = try Waveform(contentsOf: Fixtures.path("PCM_16.wav"), limit: 10) }
        == Fixtures.path("PCM_16.wav") + sentence)
    #expect(
      complaint { _ = try TextLines(contentsOf: "/dev/zero", limit: 10) } == "/dev/zero" + sentence)
    for path in ["", "/", "none/at-all.csv", "a\0b"] {
      #expect(complaint { _ = try Table(contentsOf: path) }?.contains("cannot be read: ") == true)
    }
  }
}
