public import Training

extension StoredTensor {
  /// Writes NumPy's `.npy` form, beside the old file and renamed into place.
  ///
  /// - Throws: `FileError`, or `TensorFileError` for a type that NumPy does not have (BF16, the
  ///   floating types of 8 bits and fewer).
  public func write(npy path: String) throws {
    try AtomicFile.write(pieces: NumPyArray.pieces(self, named: "tensor"), to: path)
  }
}

extension [String: StoredTensor] {
  /// Writes NumPy's `.npz` form, not compressed, beside the old file and renamed into place. Equal
  /// tensors give equal bytes.
  ///
  /// - Throws: `FileError`, or `TensorFileError` for a type that NumPy does not have, or a name that a
  ///   ZIP archive cannot hold.
  public func write(npz path: String) throws {
    var archive = ZipWriter()
    for (name, tensor) in sorted(by: { $0.key < $1.key }) {
      if name.isEmpty || name.utf8.count > 65_000 {
        throw TensorFileError(
          "a name of 1 to 65,000 bytes", found: "\(name.utf8.count) bytes", at: .init(file: path))
      }
      // The elements lie at whole cache lines, as NumPy's header fills one up.
      archive.add("\(name).npy", try NumPyArray.pieces(tensor, named: name), alignment: 64)
    }
    try AtomicFile.write(pieces: archive.finish(), to: path)
  }
}
