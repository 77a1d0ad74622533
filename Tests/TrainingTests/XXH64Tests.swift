import Testing
import Training

@Suite struct XXH64Tests {
  private static let bytes = (0..<200).map { UInt8(($0 * 7 + 3) % 256) }

  /// Of the first so many of the bytes, as xxhash 3.5.0 of PyPI has them.
  @Test(arguments: [
    (0, "ef46db3751d8e999"), (1, "1f25c8d0bc1f4bb6"), (3, "31d2363f52e564c9"),
    (4, "9bb64b7d66ee9fda"), (7, "9a7b149959ce60d8"), (8, "dab99d95c6f90092"),
    (15, "1b47cb8243cc8e32"), (31, "a2aa5f33cc4a6119"), (32, "23c3c17ef790fd97"),
    (33, "50a7cfc7ba588784"), (39, "880bbeea606e4b37"), (63, "5e3e54b431c7493c"),
    (64, "0eb64b3ef6eeb01f"), (65, "a383b724b2bd12f1"), (100, "a61f8d4c170fe531"),
    (127, "0c2b3713c3edbeb3"), (128, "46fbcfbf0150793f"), (199, "f7efd3430a01de39"),
    (200, "a6cb3c09bc829b24"),
  ])
  func `it is the reference's`(count: Int, text: String) {
    var hash = XXH64()
    hash.add(Array(Self.bytes.prefix(count)))
    #expect(hash.text == text)
  }

  @Test func `pieces make the same hash as the whole`() {
    var whole = XXH64()
    whole.add(Self.bytes)
    for length in 1...70 {
      var pieces = XXH64()
      for start in stride(from: 0, to: Self.bytes.count, by: length) {
        pieces.add(Array(Self.bytes[start..<min(start + length, Self.bytes.count)]))
      }
      #expect(pieces.value == whole.value, "pieces of \(length)")
    }
  }
}
