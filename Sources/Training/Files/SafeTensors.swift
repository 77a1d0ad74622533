/// Named tensors and text in the safetensors format, the one in which weights are exchanged.
///
/// A file is the length of the header (8 bytes, little-endian), the header in JSON
/// (`{"__metadata__": {...}, "NAME": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}`),
/// and the tensors' elements, row by row, little-endian, without gaps. The format is described at
/// https://github.com/huggingface/safetensors.
///
/// A tensor of a type that nothing here computes with, even of one that is not known, is read and
/// written as its bytes; only asking for its numbers is an error.
///
/// ```swift
/// var file = SafeTensors()
/// file.tensors["bias"] = .init([0.5, 1.5] as [Float], shape: [2])
/// try file.write(to: "weights.safetensors")
/// let bias = try SafeTensors(contentsOf: "weights.safetensors").entry("bias").floats()
/// ```
public struct SafeTensors: Equatable, Sendable {
  /// Free text beside the tensors.
  public var metadata: [String: String]
  /// The tensors by name. `__metadata__` is not a possible name.
  public var tensors: [String: StoredTensor]
  /// The file that this was read from, for errors.
  private(set) var file: String?

  /// A collection of tensors, by default an empty one.
  public init(metadata: [String: String] = [:], tensors: [String: StoredTensor] = [:]) {
    self.metadata = metadata
    self.tensors = tensors
  }

  /// Reads a file's header; the tensors are mapped into memory, and read when somebody asks for their
  /// numbers (`mapFile`).
  ///
  /// - Throws: `FileError` if it cannot be read, `TensorFileError` if it is not a valid
  ///   safetensors file. Everything is checked here; no content of a file ever traps.
  public init(contentsOf path: String) throws {
    try self.init(bytes: mapFile(path), file: path)
  }

  /// Reads the content of a file.
  ///
  /// - Parameters:
  ///   - bytes: all of the file; the tensors share this storage.
  ///   - file: the name to use in errors.
  public init(bytes: [UInt8], file: String? = nil) throws(TensorFileError) {
    try self.init(bytes: StoredBytes(bytes), file: file)
  }

  /// Reads the content of a file, of which only the header is looked at, and the rest where there is a
  /// checksum.
  package init(bytes: StoredBytes, file: String?) throws(TensorFileError) {
    let header = try SafeTensorsHeader(file: bytes, name: file)
    self.init(metadata: header.metadata)
    self.file = file
    tensors.reserveCapacity(header.tensors.count)
    for tensor in header.tensors {
      let start = header.dataStart + tensor.begin
      tensors[tensor.name] = StoredTensor(
        dtype: tensor.dtype, shape: tensor.shape,
        bytes: bytes[start..<header.dataStart + tensor.end],
        origin: .init(file: file, tensor: tensor.name, offset: start))
    }
    try takeChecksum()
  }

  /// The tensor of that name.
  ///
  /// - Parameter shape: the shape that it must have; any if `nil`.
  /// - Throws: `TensorFileError` if there is none or its shape is another one.
  public func entry(_ name: String, shape: [Int]? = nil) throws(TensorFileError) -> StoredTensor {
    guard let entry = tensors[name] else {
      let names = tensors.keys.sorted()
      let list = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", ..." : "")
      throw TensorFileError(
        "a tensor named '\(name)'", found: names.isEmpty ? "no tensors" : "only \(list)",
        at: .init(file: file))
    }
    if let shape, shape != entry.shape {
      throw TensorFileError(
        "shape \(shape)", found: "shape \(entry.shape)",
        at: entry.origin ?? .init(file: file, tensor: name))
    }
    return entry
  }

  /// Writes the file beside the old one and renames it into place (see `AtomicFile`).
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - hasChecksum: whether a checksum of all content (XXH64) stands among the metadata, under `xxh64`.
  ///     Whoever reads it by this type has it checked, and does not see it.
  ///   - previous: what the file that was at `path` before is called from now on; nil does not keep it.
  public func write(
    to path: String, hasChecksum: Bool = false, keepingPrevious previous: String? = nil
  ) throws(FileError) {
    let file = hasChecksum ? withChecksum() : self
    try AtomicFile.write(pieces: file.pieces(), to: path, keepingPrevious: previous)
  }

  /// The content of the file. Equal tensors and metadata give equal bytes.
  public func serialized() -> [UInt8] {
    let pieces = pieces()
    var bytes: [UInt8] = []
    bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
    for piece in pieces { piece.withUnsafeBytes { bytes += $0 } }
    return bytes
  }

  /// Header and tensors in the order of the file.
  ///
  /// Tensors of large elements come first and the header is padded to a multiple of 8 bytes, so
  /// that every tensor is aligned to its elements; within a type they are ordered by name. This is
  /// the order of the reference implementation, which writes the same bytes.
  private func pieces() -> [StoredBytes] {
    let ordered = tensors.sorted { first, second in
      let (firstRank, secondRank) = (first.value.dtype.rank, second.value.dtype.rank)
      return firstRank == secondRank
        ? first.key.utf8.lexicographicallyPrecedes(second.key.utf8) : firstRank > secondRank
    }
    let header = SafeTensorsHeader.text(
      metadata: metadata, tensors: ordered.map { (name: $0.key, entry: $0.value) })
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    return [StoredBytes(length), StoredBytes(header)] + ordered.map(\.value.bytes)
  }

  /// Whether metadata and tensors are equal; the file they came from does not matter.
  public static func == (first: SafeTensors, second: SafeTensors) -> Bool {
    first.metadata == second.metadata && first.tensors == second.tensors
  }
}
