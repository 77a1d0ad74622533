import Interchange
import Testing

/// Files of data as tensors, and back.
@Suite struct DataTests {
  private func table(_ text: String) throws(DataFileError) -> Table {
    try Table(parsing: Array(text.utf8), file: "a.csv")
  }

  private func complaint(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch { return "\(error)" }
  }

  @Test func `columns of a table become a matrix`() throws {
    let read = try table("a,b,c,d\n1,0.5,true,x\n2,,false,y\n")
    #expect(
      try Tensor<Float>(read, columns: ["c", "a"]) == Tensor<Float>([[1, 1], [0, 2]]))
    #expect(
      try Tensor<Double>(read, columns: ["a", "b"], missing: -1)
        == Tensor<Double>([[1, 0.5], [2, -1]]))
    #expect(try Tensor<Int32>(read["a"]) == Tensor<Int32>([1, 2]))
    #expect(
      complaint { _ = try Tensor<Float>(read, columns: ["a", "b"]) }
        == "a.csv: expected a value in row 2 of column 'b', found none")
    #expect(
      complaint { _ = try Tensor<Float>(read) }
        == "a.csv: expected numbers in column 'd', found texts")
    #expect(
      complaint { _ = try Tensor<Float>(read, columns: ["d"]) }
        == "a.csv: expected numbers in column 'd', found texts")
    #expect(
      complaint { _ = try Tensor<Int32>(try table("a\n2147483648\n")["a"]) }
        == "a.csv: expected whole numbers of 32 bits in column 'a', found 2147483648 in row 1")
  }

  @Test func `a matrix is written as a table`() throws {
    let matrix = Tensor<Float>([[1.5, 2], [0.1, -3]])
    try withTemporaryPath("matrix.csv") { path in
      try Table(matrix, names: ["x", "y"]).write(csv: path)
      #expect(try Tensor<Float>(Table(contentsOf: path)) == matrix)
    }
  }

  @Test func `pixels are bytes, and become numbers of the layers' order in one call`() throws {
    let image = RasterImage(width: 2, height: 1, channels: .rgb, samples: [0, 51, 255, 102, 0, 0])
    let pixels = Tensor<UInt8>(image)
    #expect(pixels.shape == [1, 2, 3] && RasterImage(pixels) == image)
    let plain: Tensor<Float> = pixels.normalized()
    #expect(plain == Tensor<Float>([0, 0.4, 0.2, 0, 1, 0], shape: [3, 1, 2]))
    let normal: Tensor<Double> = Tensor<UInt8>([image, image]).normalized(
      mean: [0.5, 0, 0], deviation: [0.5])
    #expect(normal.shape == [2, 3, 1, 2])
    let expected = [-1, -0.2, 0.4, 0, 2, 0]
    for (value, other) in zip(normal.scalars, expected + expected) {
      #expect(abs(value - other) < 1e-15)
    }
    #expect(
      (Tensor<UInt8>([], shape: [0, 4, 4, 3]).normalized() as Tensor<Float>).shape == [0, 3, 4, 4])
    try withTemporaryPath("a.png") { path in
      try image.write(png: path)
      #expect(try RasterImage(contentsOf: path) == image)
      try image.write(pixmap: path)
      #expect(try RasterImage(contentsOf: path) == image)
    }
  }

  @Test func `a sound is a matrix of time and channels`() throws {
    let samples = Tensor<Float>([[0, 0.5], [-0.25, 1], [0.125, -1]])
    try withTemporaryPath("a.wav") { path in
      try Waveform(samples, sampleRate: 100).write(wav: path, as: .float32)
      let read = try Waveform(contentsOf: path)
      #expect(Tensor<Float>(read) == samples && read.sampleRate == 100)
    }
  }
}

@Suite struct JSONLinesTests {
  private struct Review: Codable, Equatable {
    var text: String
    var stars: Int
    var note: String?
  }

  private let reviews = [
    Review(text: "good \"ä\"\n", stars: 5), Review(text: "", stars: -1, note: "x"),
  ]

  private func refusal(_ text: String) -> String? {
    do throws(DataFileError) {
      let _: [Review] = try JSONLines.parse(Array(text.utf8), file: "a.jsonl")
      return nil
    } catch { return "\(error)" }
  }

  @Test func `values are written one a line, and read`() throws {
    #expect(
      try JSONLines.text(reviews)
        == #"{"stars":5,"text":"good \"ä\"\n"}"# + "\n" + #"{"note":"x","stars":-1,"text":""}"#
        + "\n")
    try withTemporaryPath("a.jsonl") { path in
      try JSONLines.write(reviews, to: path)
      #expect(try JSONLines.read(path) == reviews)
    }
    let more = "\n{\"text\": \"a\", \"stars\": 1, \"other\": [1]}\r\n  \n"
    let read: [Review] = try JSONLines.parse(Array(more.utf8), file: "a.jsonl")
    #expect(read == [Review(text: "a", stars: 1)])
  }

  @Test func `a line that is no value is named`() {
    let good = "{\"text\": \"a\", \"stars\": 1}\n"
    #expect(
      refusal(good + "\n{\"text\": \"a\"}")
        == "a.jsonl:3: expected a value of JSON, found no key 'stars'")
    #expect(
      refusal("{\"text\": 1, \"stars\": 1}")
        == "a.jsonl:1: expected a value of JSON, found another value at 'text'")
    #expect(refusal(good + "{") == "a.jsonl:2: expected a value of JSON, found no JSON")
    let deep = String(repeating: "[", count: 1_000_000)
    #expect(refusal(deep) == "a.jsonl:1: expected a value of JSON, found no JSON")
    let whole = Array(good.utf8)
    for place in whole.indices {
      for value in UInt8.min...UInt8.max {
        var changed = whole
        changed[place] = value
        let read = try? JSONLines.parse(changed, file: "a.jsonl") as [Review]
        #expect(read?.count ?? 0 <= 1)
      }
    }
  }

  private func table(_ text: String, cells: Int? = nil) throws(DataFileError) -> Table {
    try Table(parsingJSONLines: Array(text.utf8), file: "a.jsonl", cells: cells)
  }

  private func complaint(_ text: String, cells: Int? = nil) -> String? {
    do throws(DataFileError) {
      _ = try table(text, cells: cells)
      return nil
    } catch { return "\(error)" }
  }

  @Test func `objects become a table`() throws {
    let text = """
      {"b": 1, "a": "x", "d": true}
      {"b": 2.5, "e": "nan", "c": 7}
      {"a": null, "b": 3, "c": 8}
      """
    let read = try table(text)
    #expect(
      read.description
        == "3 rows: a (text), b (number), c (number), d (truth), e (text)")
    #expect(try read["b"].numbers() == [1, 2.5, 3])
    #expect(try read["c"].numbers().map { $0.isNaN } == [true, false, false])
    #expect(
      read.jsonLines() == """
        {"a":"x","b":1.0,"c":null,"d":true,"e":null}
        {"a":null,"b":2.5,"c":7.0,"d":null,"e":"nan"}
        {"a":null,"b":3.0,"c":8.0,"d":null,"e":null}

        """)
    #expect(try table("{\"a\": 9223372036854775807}\n")["a"].integers() == [.max])
    #expect(try table("").rowCount == 0)
  }

  @Test func `values of two types, and lists, are named with their key`() {
    #expect(
      complaint("{\"a\": 1}\n\n{\"a\": \"x\"}")
        == "a.jsonl:3, column 'a': expected whole numbers as before, found texts")
    #expect(
      complaint("{\"a\": [1]}")
        == "a.jsonl:1: expected a value of JSON, found another value at 'a'")
    #expect(complaint("[1]")?.hasPrefix("a.jsonl:1: expected a value of JSON, found ") == true)
    let sparse = (0..<40).map { "{\"\($0)\": 1}\n" }.joined()
    #expect(
      complaint(sparse, cells: 100)
        == "a.jsonl:11: expected at most the 100 values of `cells`, found 11 keys in 11 lines")
    #expect(complaint(sparse) == nil)
  }
}
