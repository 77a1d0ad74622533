import Foundation
import Testing
import Training

@Suite struct SafeTensorsTests {
  /// A file with every type, an empty tensor, a single number, and names that need escapes.
  static let sample = SafeTensors(
    metadata: ["format": "test", "quote\"\\\n\u{1}é": "a\tb\u{8}\u{C}\r/ 🧵"],
    tensors: [
      "double": .init([1.5, -0.0, .infinity, .leastNonzeroMagnitude] as [Double], shape: [2, 2]),
      "float": .init([0.1, -.nan, .greatestFiniteMagnitude] as [Float], shape: [3]),
      "long": .init([.min, -1, .max] as [Int64], shape: [1, 3, 1]),
      "int": .init([.min, 0, .max] as [Int32], shape: [3]),
      "byte": .init([0, 128, 255] as [UInt8], shape: [3]),
      "mask": .init([true, false, true], shape: [3]),
      "empty": .init([] as [Float], shape: [0, 7]),
      "scalar": .init([42] as [Float], shape: []),
      "tör\"ben\\": .init([1] as [Float], shape: [1]),
    ])

  @Test func whatIsWrittenIsRead() throws {
    let read = try SafeTensors(bytes: Self.sample.serialized())
    #expect(read == Self.sample)
    #expect(try read.entry("double").doubles() == [1.5, 0, .infinity, .leastNonzeroMagnitude])
    #expect(try read.entry("double").doubles()[1].sign == .minus)
    let floats = try read.entry("float").floats()
    #expect(floats[0] == 0.1 && floats[1].isNaN && floats[2] == .greatestFiniteMagnitude)
    #expect(try read.entry("long").int64s() == [.min, -1, .max])
    #expect(try read.entry("int").int32s() == [.min, 0, .max])
    #expect(try read.entry("byte").int64s() == [0, 128, 255])
    #expect(try read.entry("mask").bools() == [true, false, true])
    #expect(try read.entry("empty").floats() == [])
    #expect(try read.entry("scalar", shape: []).floats() == [42])
    #expect(read.tensors["empty"]?.shape == [0, 7])
    #expect(read.metadata == Self.sample.metadata)
  }

  @Test func nothingAtAllIsAFile() throws {
    let bytes = SafeTensors().serialized()
    #expect(bytes == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
    #expect(try SafeTensors(bytes: bytes) == SafeTensors())
  }

  @Test func filesAreReadBackWhole() throws {
    try withTemporaryDirectory { directory in
      try Self.sample.write(to: "\(directory)/a.safetensors")
      #expect(try SafeTensors(contentsOf: "\(directory)/a.safetensors") == Self.sample)
      #expect(try names(in: directory) == ["a.safetensors"])
    }
  }

  @Test func equalTensorsGiveEqualBytesHoweverTheyWereCollected() {
    var other = SafeTensors(metadata: Self.sample.metadata)
    for name in Self.sample.tensors.keys.sorted().reversed() {
      other.tensors[name] = Self.sample.tensors[name]
    }
    #expect(other.serialized() == Self.sample.serialized())
  }

  @Test func everyTensorIsAlignedToItsElements() throws {
    let read = try SafeTensors(bytes: Self.sample.serialized())
    for (name, entry) in read.tensors {
      #expect(entry.bytes.startIndex % (entry.dtype.bits! / 8) == 0, "\(name)")
    }
  }

  @Test func halfPrecisionsAreWidenedExactly() throws {
    // 1, -2, the smallest denormal number, the largest number, infinity.
    let half = file(
      #"{"a":{"dtype":"F16","shape":[5],"data_offsets":[0,10]}}"#,
      [0x00, 0x3C, 0x00, 0xC0, 0x01, 0x00, 0xFF, 0x7B, 0x00, 0x7C])
    #expect(
      try SafeTensors(bytes: half).entry("a").floats() == [1, -2, 0x1p-24, 65504, .infinity])
    // 1, -2.5, the largest number.
    let brain = file(
      #"{"a":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}}"#,
      [0x80, 0x3F, 0x20, 0xC0, 0x7F, 0x7F])
    #expect(
      try SafeTensors(bytes: brain).entry("a").doubles() == [1, -2.5, 0x1.FEp127])
  }

  @Test func doublesAreRoundedToFloatsWhenAsked() throws {
    let entry = StoredTensor([0.1, 1e300] as [Double], shape: [2])
    #expect(try entry.floats() == [0.1, .infinity])
  }

  @Test func theHeaderMayComeInAnyOrderWithSpaceAndEscapes() throws {
    let header = """
       {"b" : {"data_offsets":[1, 2] , "shape": [ ], "dtype":"U8"},\t
      "__metadata__":{}, "\\u0061\\ud83e\\uddf5\\/":{"shape":[1],"dtype":"BOOL","data_offsets":[0,1]}}\n
      """
    let read = try SafeTensors(
      bytes: file(header.trimmingCharacters(in: .newlines).dropFirst(), [1, 9]))
    #expect(try read.entry("b").int64s() == [9])
    #expect(try read.entry("a🧵/").bools() == [true])
  }

  /// Every type of the format, by its name, with its bits.
  static let types: [(String, Int)] = [
    ("BOOL", 8), ("F4", 4), ("F6_E2M3", 6), ("F6_E3M2", 6), ("U8", 8), ("I8", 8), ("F8_E5M2", 8),
    ("F8_E4M3", 8), ("F8_E8M0", 8), ("F8_E4M3FNUZ", 8), ("F8_E5M2FNUZ", 8), ("I16", 16),
    ("U16", 16), ("F16", 16), ("BF16", 16), ("I32", 32), ("U32", 32), ("F32", 32), ("C64", 64),
    ("F64", 64), ("I64", 64), ("U64", 64),
  ]

  /// A file with a tensor of a type beside one of `F32`.
  private static func beside(_ name: String, bits: Int) -> (bytes: [UInt8], data: [UInt8]) {
    let data = (0..<bits).map { UInt8(truncatingIfNeeded: 37 * $0 + 1) }
    let header =
      #"{"a":{"dtype":"\#(name)","shape":[2,4],"data_offsets":[0,\#(bits)]},"#
      + #""b":{"dtype":"F32","shape":[1],"data_offsets":[\#(bits),\#(bits + 4)]}}"#
    return (file(header, data + [0, 0, 0x20, 0x41]), data)
  }

  @Test(arguments: types + [("F128", 128), ("I4", 4), ("U1", 1), (#"a \"new\" one"#, 8)])
  func `a tensor of any type is read as its bytes, and the others beside it`(
    name: String, bits: Int
  ) throws {
    let (bytes, data) = Self.beside(name, bits: bits)
    let read = try SafeTensors(bytes: bytes)
    let entry = try read.entry("a", shape: [2, 4])
    #expect(entry.dtype.name == name.replacing("\\", with: ""))
    #expect(entry.dtype.bits == (Self.types.contains { $0.0 == name } ? bits : nil))
    #expect(entry.count == 8 && Array(entry.bytes) == data)
    #expect(try read.entry("b").floats() == [10])
    // And is written again as it was.
    #expect(try SafeTensors(bytes: read.serialized()) == read)
  }

  @Test func `the known types are all of the format, in its order`() {
    #expect(StoredTensor.DType.known.map(\.name) == Self.types.map(\.0).reversed())
    for type in StoredTensor.DType.known { #expect(StoredTensor.DType(name: type.name) == type) }
  }

  @Test func `whole numbers of all widths are read, others are refused by name`() throws {
    func numbers(_ name: String, bits: Int, _ data: [UInt8]) throws -> [Int64] {
      let count = data.count * 8 / bits
      let header =
        #"{"a":{"dtype":"\#(name)","shape":[\#(count)],"data_offsets":[0,\#(data.count)]}}"#
      return try SafeTensors(bytes: file(header, data)).entry("a").int64s()
    }
    let high: [UInt8] = [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
    #expect(try numbers("I8", bits: 8, [0xFE, 1]) == [-2, 1])
    #expect(try numbers("U8", bits: 8, [0xFE, 1]) == [254, 1])
    #expect(try numbers("I16", bits: 16, [0xFE, 0xFF, 1, 2]) == [-2, 513])
    #expect(try numbers("U16", bits: 16, [0xFE, 0xFF, 1, 2]) == [65534, 513])
    #expect(try numbers("I32", bits: 32, Array(high.prefix(4))) == [-2])
    #expect(try numbers("U32", bits: 32, Array(high.prefix(4))) == [4_294_967_294])
    #expect(try numbers("I64", bits: 64, high) == [-2])
    #expect(try numbers("U64", bits: 64, [5, 0, 0, 0, 0, 0, 0, 0x70]) == [5 + 0x70 << 56])
    #expect(throws: TensorFileError.self) { try numbers("U64", bits: 64, high) }
    for (name, bits) in Self.types where !["F16", "BF16", "F32", "F64"].contains(name) {
      let entry = try SafeTensors(bytes: Self.beside(name, bits: bits).bytes).entry("a")
      #expect {
        _ = try entry.floats()
      } throws: {
        "\($0)".contains("tensor 'a'") && "\($0)".contains("found \(name) elements")
      }
    }
  }

  @Test func `metadata may be null, as some writers have it`() throws {
    let header = #"{"__metadata__": null ,"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#
    let read = try SafeTensors(bytes: file(header, [0, 0, 0x20, 0x41]))
    #expect(read.metadata.isEmpty)
    #expect(try read.entry("b").floats() == [10])
  }

  /// Header, data, and what the message must contain: where, expected, found.
  static let broken: [(String, [UInt8], [String])] = [
    ("", [], ["byte 8", "'{'", "the end of the header"]),
    (" {}", [], ["byte 8", "'{'", "byte 0x20"]),
    ("[]", [], ["byte 8", "'{'", "'['"]),
    ("{}x", [], ["byte 10", "the end of the header", "'x'"]),
    ("{\"a\"", [], ["byte 12", "':'", "the end of the header"]),
    ("{,}", [], ["byte 9", "'\"'", "','"]),
    ("{}", [1], ["byte 10", "the end of the file after 0 bytes", "1 bytes"]),
    (one(dtype: "F31", shape: "[9]"), [0], ["byte 9", "tensor 'a'", "a bit", "F31 [9]", "[0, 1]"]),
    (one(dtype: "F31", shape: "[0]"), [0], ["tensor 'a'", "a bit", "F31 [0]", "[0, 1]"]),
    (one(dtype: "F31", range: "[1,0]"), [0], ["tensor 'a'", "a bit", "F31 [1]", "[1, 0]"]),
    (one(dtype: "F4", shape: "[3]"), [0], ["tensor 'a'", "whole bytes", "12 bits for F4 [3]"]),
    (one(dtype: "F6_E2M3", shape: "[4]"), [0], ["tensor 'a'", "3 bytes for F6_E2M3 [4]"]),
    (one(dtype: "I16", shape: "[1]"), [0], ["tensor 'a'", "2 bytes for I16 [1]"]),
    (one(shape: "[2]"), [0], ["tensor 'a'", "2 bytes for U8 [2]", "data_offsets [0, 1]"]),
    (one(shape: "[-1]"), [0], ["tensor 'a'", "not negative", "'-'"]),
    (one(shape: "[1.0]"), [0], ["tensor 'a'", "']'", "'.'"]),
    (one(shape: "[01]"), [0], ["tensor 'a'", "a whole number", "'0'"]),
    (one(shape: "1"), [0], ["tensor 'a'", "'['", "'1'"]),
    (one(shape: "null"), [0], ["tensor 'a'", "'['", "'n'"]),
    (one(shape: "[99999999999999999999]"), [0], ["tensor 'a'", "below 2^63"]),
    (one(shape: "[1152921504606846976]"), [0], ["tensor 'a'", "a size below 2^60"]),
    (one(shape: "[4611686018427387904,4]"), [0], ["tensor 'a'", "a size below 2^60"]),
    (one(shape: "[4611686018427387904,4,0]"), [], ["tensor 'a'", "a size below 2^60"]),
    (one(shape: "[0,4611686018427387904,4]"), [], ["tensor 'a'", "a size below 2^60"]),
    (one(range: "[0,2]"), [0], ["tensor 'a'", "1 bytes for U8 [1]", "data_offsets [0, 2]"]),
    (one(range: "[1,0]"), [0], ["tensor 'a'", "data_offsets [1, 0]"]),
    (one(range: "[5,6]"), [0], ["tensor 'a'", "within 1 bytes", "data_offsets [5, 6]"]),
    (one(range: "[1,2]"), [0, 0], ["tensor 'a'", "begin at 0", "data_offsets [1, 2]"]),
    (one(range: "[0]"), [0], ["tensor 'a'", "two data_offsets", "1"]),
    (one(range: "[0,1,1]"), [0], ["tensor 'a'", "two data_offsets", "3"]),
    (one(), [0, 0], ["the end of the file after 1 bytes", "2 bytes"]),
    (one(), [], ["tensor 'a'", "within 0 bytes"]),
    (#"{"a":{"dtype":"U8","shape":[]}}"#, [], ["byte 9", "tensor 'a'", "data_offsets", "none"]),
    (#"{"a":{"dtype":"U8","kind":1}}"#, [], ["tensor 'a'", "data_offsets", "'kind'"]),
    (#"{"a":{"dtype":"U8","dtype":"U8"}}"#, [], ["byte 27", "once", "'dtype' again"]),
    (#"{"a":1}"#, [], ["tensor 'a'", "'{'", "'1'"]),
    (#"{"__metadata__":nul}"#, [], ["'null'", "'}'"]),
    (#"{"__metadata__":{"k":null}}"#, [], ["'\"'", "'n'"]),
    (#"{"__metadata__":{"k":1}}"#, [], ["'\"'", "'1'"]),
    (#"{"__metadata__":{"k":"","k":""}}"#, [], ["once", "'k' again"]),
    (#"{"__metadata__":{},"__metadata__":{}}"#, [], ["once", "'__metadata__' again"]),
    (#"{"\x":1}"#, [], ["byte 11", "\\u", "'x'"]),
    (#"{"\u00g0":1}"#, [], ["hexadecimal", "'g'"]),
    (#"{"\ud800":1}"#, [], ["a Unicode character", "surrogate"]),
    (#"{"\ud800\u0041":1}"#, [], ["a Unicode character", "surrogate"]),
    ("{\"a\nb\":1}", [], ["without control characters", "byte 0xa"]),
    (
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
        + #""b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, [0, 0, 0],
      ["tensor 'b'", "begin at 2", "data_offsets [1, 3]"]
    ),
    (
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, [0, 0],
      ["byte 61", "once", "'a' again"]
    ),
  ]

  @Test(arguments: broken.indices)
  func brokenFilesAreRefusedWithTheReason(index: Int) throws {
    let (header, data, parts) = Self.broken[index]
    let error = try #require(throws: TensorFileError.self) {
      try SafeTensors(bytes: file(header, data), file: "w.safetensors")
    }
    #expect(error.description.hasPrefix("w.safetensors, "))
    for part in parts { #expect(error.description.contains(part), "\(error)") }
  }

  @Test func aFileWithoutAWholeHeaderIsRefused() {
    for bytes in [[], [0, 0], [8, 0, 0, 0, 0, 0, 0, 0], [UInt8](repeating: 255, count: 40)] {
      #expect(throws: TensorFileError.self) { try SafeTensors(bytes: bytes) }
    }
    let invalid = [1, 0, 0, 0, 0, 0, 0, 0].map { UInt8($0) } + [0xFF]
    #expect(throws: TensorFileError.self) { try SafeTensors(bytes: invalid) }
    let badText: [UInt8] = Array("{\"".utf8) + [0xC3, 0x28] + Array("\":{}}".utf8)
    #expect(throws: TensorFileError.self) {
      try SafeTensors(bytes: [UInt8(badText.count), 0, 0, 0, 0, 0, 0, 0] + badText)
    }
  }

  @Test func askingForTheWrongThingSaysSo() throws {
    let read = try SafeTensors(bytes: Self.sample.serialized(), file: "w")
    func message(_ body: () throws -> Void) throws -> String {
      try #require(throws: TensorFileError.self, performing: body).description
    }
    #expect(try message { _ = try read.entry("mask").floats() }.contains("tensor 'mask', byte"))
    #expect(try message { _ = try read.entry("mask").floats() }.contains("found BOOL elements"))
    #expect(try message { _ = try read.entry("float").int64s() }.contains("found F32 elements"))
    #expect(try message { _ = try read.entry("byte").bools() }.contains("found U8 elements"))
    #expect(
      try message { _ = try read.entry("long").int32s() }.contains("found -9223372036854775808"))
    #expect(try message { _ = try read.entry("nowhere") }.contains("a tensor named 'nowhere'"))
    #expect(
      try message { _ = try read.entry("double", shape: [4]) }
        .contains("expected shape [4], found shape [2, 2]"))
    let mask = file(#"{"m":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}"#, [1, 2])
    #expect(
      try message { _ = try SafeTensors(bytes: mask).entry("m").bools() }
        .contains("byte \(mask.count - 1): expected 0 or 1, found 2"))
  }

  @Test(arguments: 0..<8)
  func noInputEndsTheProcess(seed: Int) {
    var generator = SplitMix64(state: UInt64(seed))
    let original = Self.sample.serialized()
    let headerLength = Int(original[0]) | Int(original[1]) << 8
    var refused = 0
    for _ in 0..<1000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
        // Most changes hit the header, since every change of the data is a valid file.
        let region =
          Bool.random(using: &generator) ? min(8 + headerLength, bytes.count) : bytes.count
        let position = Int.random(in: 0..<region, using: &generator)
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: bytes[position] = .random(in: 0...255, using: &generator)
        case 1: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: bytes.removeLast(bytes.count - position)
        case 3: bytes.remove(at: position)
        case 4:
          bytes.insert(
            Array(#"{}[]",:\u0-9e."#.utf8).randomElement(using: &generator)!, at: position)
        case 5:
          let end = Int.random(in: position..<bytes.count, using: &generator)
          bytes.insert(contentsOf: Array(bytes[position...end]), at: position)
        default:
          let digits = String(UInt64.random(in: 0 ... .max, using: &generator))
          bytes.insert(contentsOf: Array(digits.utf8), at: position)
        }
      }
      do {
        for entry in try SafeTensors(bytes: bytes).tensors.values {
          _ = try? entry.floats()
          _ = try? entry.doubles()
          _ = try? entry.int32s()
          _ = try? entry.bools()
        }
      } catch { refused += 1 }
    }
    // Were nothing refused, or everything, the mutations would not reach what they are to test.
    #expect((300..<1000).contains(refused))
  }

  @Test func everyTruncationIsRefused() {
    let original = Self.sample.serialized()
    for count in original.indices {
      #expect(throws: TensorFileError.self) {
        try SafeTensors(bytes: Array(original.prefix(count)))
      }
    }
  }
}

/// A file of a header and data.
private func file(_ header: some StringProtocol, _ data: [UInt8]) -> [UInt8] {
  let text = Array(header.utf8)
  return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + data
}

/// The header of a file with one tensor `a`.
private func one(dtype: String = "U8", shape: String = "[1]", range: String = "[0,1]") -> String {
  #"{"a":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(range)}}"#
}
