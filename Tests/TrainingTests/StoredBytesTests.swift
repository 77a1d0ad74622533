import Autograd
import Layers
import Testing
import Training

@Suite struct StoredBytesTests {
  @Test func `a mapped file has the bytes of one that is read`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/file"
      // More than some pages, the last of them in part.
      let bytes = (0..<100_003).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      try AtomicFile.write(bytes, to: path)
      let mapped = try mapFile(path)
      #expect(mapped.count == bytes.count && mapped.elementsEqual(bytes))
      #expect(mapped == StoredBytes(bytes))
      let part = mapped[5000..<90_000]
      #expect(part.startIndex == 5000 && part.first == bytes[5000] && part.count == 85_000)
      // They can be looked at once more.
      part.release()
      #expect(part.elementsEqual(bytes[5000..<90_000]))
      #expect(part.withUnsafeBytes { $0[1] } == bytes[5001])
      // Another file takes the name; this one stays for those who have it.
      try AtomicFile.write("other", to: path)
      #expect(mapped.elementsEqual(bytes))
      #expect(try Array(mapFile(path)) == Array("other".utf8))
      try AtomicFile.write("", to: path)
      #expect(try mapFile(path).isEmpty)
      #expect(throws: FileError.self) { try mapFile(directory) }
      #expect(throws: FileError.self) { try mapFile("\(directory)/none") }
    }
  }

  @Test func `a file may be written over while its tensors are in use`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/weights.safetensors"
      let (model, other) = (SmallModel<Float>(seed: 1), SmallModel<Float>(seed: 2))
      try model.save(to: path)
      let file = try SafeTensors(contentsOf: path)
      try other.save(to: path)
      #expect(try file.entry("first.weight").floats() == model.first.weight.scalars)
      try file.write(to: path)
      #expect(try SafeTensors(contentsOf: path) == file)
    }
  }
}
