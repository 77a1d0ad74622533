import DataFiles
import Datasets
import Interchange

extension Target {
  /// Tables, pictures, sounds and data sets.
  static let data = [
    Target("csv") { bytes in useTable(bytes, .csv) },
    Target("tsv") { bytes in
      var format = Table.Format.tsv
      format.hasQuotes = false
      format.hasHeader = false
      format.columnLimit = 50
      _ = attempt { try Table(parsing: bytes, file: "f", format) }
      useTable(bytes, .tsv)
    },
    Target("json-lines") { bytes in
      guard let table = attempt({ try Table(parsingJSONLines: bytes, file: "f") }) else { return }
      let again = attempt { try Table(parsingJSONLines: Array(table.jsonLines().utf8), file: "f") }
      // A column without values is one of missing numbers.
      expect(again?.rowCount == table.rowCount || table.columns.isEmpty, "another number of rows")
    },
    Target("picture") { bytes in usePicture(of: bytes) },
    Target("wav") { bytes in
      guard let sound = attempt({ try Waveform(parsing: bytes, file: "f") }) else { return }
      let again = attempt { try Waveform(parsing: sound.wav(as: .float32), file: "f") }
      expect(
        again?.samples.map(\.bitPattern) == sound.samples.map(\.bitPattern)
          && again?.sampleRate == sound.sampleRate && again?.channelCount == sound.channelCount,
        "the sound that was written is another one")
    },
    Target("requests") { bytes in
      _ = attempt { try SpokenRequests(parsing: bytes, file: "f") }
    },
    Target("series") { bytes in _ = attempt { try TimeSeries(parsing: bytes, file: "f") } },
    Target("sequences") { bytes in
      _ = attempt { try LabelledSequences(parsing: bytes, file: "f") }
    },
    Target("spoken-words") { bytes in
      _ = attempt { try SpokenWords(parsing: bytes, file: "f", folder: "/nowhere") }
    },
  ]
}

/// Reads a table, writes it, and reads that.
private func useTable(_ bytes: [UInt8], _ format: Table.Format) {
  guard let table = attempt({ try Table(parsing: bytes, file: "f", format) }) else { return }
  let kinds = Dictionary(uniqueKeysWithValues: table.columns.map { ($0.name, $0.values.kind) })
  let written = table.csv(format)
  let again = attempt { try Table(parsing: written, file: "f", format, kinds: kinds) }
  guard let again else { fail("what was written is not read") }
  expect(again.columns.map(\.name) == table.columns.map(\.name), "other names")
  for (mine, theirs) in zip(table.columns, again.columns) {
    expect(isSame(mine.values, theirs.values), "other values of '\(mine.name)'")
  }
}

/// Whether two columns have the same values, a missing number included.
func isSame(_ first: Table.Values, _ second: Table.Values) -> Bool {
  switch (first, second) {
  case (.integers(let mine), .integers(let theirs)): mine == theirs
  case (.numbers(let mine), .numbers(let theirs)):
    mine.elementsEqual(theirs) { $0 == $1 || $0.isNaN && $1.isNaN }
  case (.truths(let mine), .truths(let theirs)): mine == theirs
  case (.texts(let mine), .texts(let theirs)):
    mine.elementsEqual(theirs) { $0.map { Array($0.utf8) } == $1.map { Array($0.utf8) } }
  default: false
  }
}

/// Reads a picture, writes it, and reads that.
func usePicture(of bytes: [UInt8]) {
  let picture = attempt { try RasterImage(parsing: bytes, file: "f", limit: 1 << 16) }
  guard let picture else { return }
  let again = attempt { try RasterImage(parsing: picture.png(), file: "f") }
  expect(again == picture, "the picture that was written is another one")
}
