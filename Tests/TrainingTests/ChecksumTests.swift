import Testing
import Training

@Suite struct ChecksumTests {
  private static let file = SafeTensors(
    metadata: ["model": "small", "note": "x"],
    tensors: [
      "weight": .init([0.5, -1.25, 3] as [Float], shape: [3]),
      "bias": .init([1.0, 2.0], shape: [2, 1]), "nothing": .init([] as [Float], shape: [0, 4]),
    ])

  /// The bytes of the file as it is written.
  private static func bytes(hasChecksum: Bool) throws -> [UInt8] {
    try withTemporaryDirectory { directory in
      try file.write(to: "\(directory)/a", hasChecksum: hasChecksum)
      return try readFile("\(directory)/a")
    }
  }

  @Test func `a file with a checksum reads as the file without`() throws {
    #expect(try SafeTensors(bytes: Self.bytes(hasChecksum: true)) == Self.file)
    #expect(try Self.bytes(hasChecksum: false) == Self.file.serialized())
  }

  @Test func `no bit can change unseen`() throws {
    let bytes = try Self.bytes(hasChecksum: true)
    var unseen = 0
    for position in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[position] ^= 1 << bit
        // Another key for the checksum leaves a file without one: it has a text more.
        if let read = try? SafeTensors(bytes: damaged), read == Self.file { unseen += 1 }
        if let read = try? SafeTensors(bytes: damaged), read.tensors != Self.file.tensors {
          #expect(read.metadata.count == 3, "byte \(position), bit \(bit)")
        }
      }
    }
    // The case of a hexadecimal digit of JSON's escapes and spaces at the header's end mean nothing.
    #expect(unseen <= 8)
  }

  @Test func `a checksum that is not the content's is told`() throws {
    var other = Self.file
    other.metadata["xxh64"] = "0123456789abcdef"
    let error = #expect(throws: TensorFileError.self) {
      try SafeTensors(bytes: other.serialized())
    }
    #expect(error?.expected.contains("checksum 0123456789abcdef") == true)
    #expect(error?.found.contains("it is damaged, or was changed by a program") == true)
  }

  @Test func `a text of that name that is no checksum stays a text`() throws {
    var other = Self.file
    other.metadata["xxh64"] = "mine"
    #expect(try SafeTensors(bytes: other.serialized()) == other)
  }
}
