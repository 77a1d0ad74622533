import Autograd

/// A checksum among the metadata: damage that leaves a file readable is found, too.
///
/// It is of what the file says, not of how: whoever reads the file and writes it again unchanged, in another
/// order or by another program, keeps a right checksum.
extension SafeTensors {
  /// The key of the metadata under which the checksum stands: 16 hexadecimal digits.
  static let checksumKey = "xxh64"

  /// Bytes that are hashed before their memory is let go.
  private static let chunk = 1 << 20

  /// The same tensors and metadata with their checksum beside them.
  func withChecksum() -> SafeTensors {
    var file = self
    file.metadata[Self.checksumKey] = contentHash
    return file
  }

  /// Takes the checksum out of the metadata, if there is one.
  ///
  /// - Throws: where it is not that of the content.
  mutating func takeChecksum() throws(TensorFileError) {
    guard let checksum = metadata[Self.checksumKey], checksum.utf8.count == 16,
      UInt64(checksum, radix: 16) != nil
    else { return }
    metadata[Self.checksumKey] = nil
    let found = contentHash
    if found != checksum {
      throw TensorFileError(
        "content with the checksum \(checksum), which the file states (\(Self.checksumKey))",
        found:
          "\(found): it is damaged, or was changed by a program that does not know of the checksum",
        at: .init(file: file))
    }
  }

  /// The hash of all names, texts and tensors, ordered by name.
  private var contentHash: String {
    var hash = XXH64()
    func add(_ text: String) {
      hash.add(number: text.utf8.count)
      hash.add(Array(text.utf8))
    }
    hash.add(number: metadata.count)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      add(key)
      add(value)
    }
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      add(name)
      add(tensor.dtype.name)
      hash.add(number: tensor.shape.count)
      for length in tensor.shape { hash.add(number: length) }
      hash.add(number: tensor.bytes.count)
      var rest = tensor.bytes
      while !rest.isEmpty {
        let end = min(rest.endIndex, rest.startIndex + Self.chunk)
        let part = rest[rest.startIndex..<end]
        part.withUnsafeBytes { hash.add($0) }
        part.release()
        rest = rest[end..<rest.endIndex]
      }
    }
    return hash.text
  }
}

extension XXH64 {
  /// Takes a number in, as eight bytes.
  fileprivate mutating func add(number: Int) {
    withUnsafeBytes(of: UInt64(number).littleEndian) { add($0) }
  }
}
