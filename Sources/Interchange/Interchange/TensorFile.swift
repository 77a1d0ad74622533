import Deflate
public import Training

/// Named tensors from a file of any kind that weights and data come in. The kind is told by the first
/// bytes, not by the name, so a wrong one is named in the error.
///
/// ```swift
/// let file = try TensorFile(contentsOf: "images.npz")
/// let images = try Tensor<Float>(file["images"])
/// let labels = try Tensor<Int32>(file["labels"])
/// ```
///
/// Elements of a type that nothing here computes with stay as they are until somebody asks for numbers.
/// Whatever a file claims is compared with what it holds before memory is taken; no content of a file
/// ever traps, and nothing in a file is ever run.
public struct TensorFile: Sendable {
  /// The kinds of file.
  public enum Kind: String, Sendable {
    /// Hugging Face's format of weights, one file.
    case safetensors
    /// A folder of safetensors files with an index, or with one file `model.safetensors`.
    case folder
    /// NumPy's format of one array, which is called `tensor` here.
    case npy
    /// NumPy's archive of arrays.
    case npz
    /// What `torch.save` has written, a state dictionary or any tensors in dictionaries and lists; a
    /// tensor by itself is called `tensor` here.
    case pyTorch
  }

  /// What the file is.
  public let kind: Kind
  /// Its path, for errors; nil for bytes of another origin.
  public let path: String?
  /// By name; those in dictionaries within dictionaries by their keys joined with dots.
  public let tensors: [String: StoredTensor]
  /// Text, numbers and truth values that stand beside the tensors.
  public let metadata: [String: String]
  /// The text of a folder's `config.json`, which says what model the tensors are of; nil where there is
  /// none.
  public let configuration: String?

  /// Reads a file or a folder. Files are mapped into memory, and tensors read when somebody asks for
  /// their numbers; only what is compressed or has a checksum is read at once.
  ///
  /// - Throws: `FileError` if it cannot be read, `TensorFileError` if its content is not what it must
  ///   be.
  public init(contentsOf path: String) throws {
    if isDirectory(path) {
      try self.init(folder: path)
    } else {
      try self.init(bytes: mapFile(path), path: path)
    }
  }

  /// Reads the content of a file.
  public init(bytes: [UInt8], path: String? = nil) throws(TensorFileError) {
    try self.init(bytes: StoredBytes(bytes), path: path)
  }

  private init(bytes: StoredBytes, path: String?) throws(TensorFileError) {
    if bytes.starts(with: NumPyHeader.signature) {
      let array = try NumPyArray.tensor(bytes, at: .init(file: path, offset: 0))
      self.init(.npy, path, ["tensor": array])
    } else if bytes.starts(with: ZipArchive.signature)
      || bytes.starts(with: ZipArchive.endSignature)
    {
      try self.init(archive: ZipArchive(bytes, file: path), path)
    } else if let other = Self.otherKind(bytes) {
      throw TensorFileError(
        "safetensors, .npy, .npz or a file of torch.save", found: other, at: .init(file: path))
    } else {
      let file = try SafeTensors(bytes: bytes, file: path)
      self.init(.safetensors, path, file.tensors, file.metadata)
    }
  }

  init(
    _ kind: Kind, _ path: String?, _ tensors: [String: StoredTensor],
    _ metadata: [String: String] = [:], _ configuration: String? = nil
  ) {
    self.configuration = configuration
    self.kind = kind
    self.path = path
    self.tensors = tensors
    self.metadata = metadata
  }

  private init(archive: ZipArchive, _ path: String?) throws(TensorFileError) {
    if PyTorchFile.matches(archive) {
      let file = try PyTorchFile(archive, file: path)
      self.init(.pyTorch, path, file.tensors, file.metadata)
      return
    }
    var tensors: [String: StoredTensor] = [:]
    for member in archive.members {
      let location = TensorFileError.Location(file: path, tensor: member.name)
      guard member.name.hasSuffix(".npy") else {
        throw TensorFileError(
          "a ZIP archive of NumPy (only .npy) or PyTorch (data.pkl)", found: "'\(member.name)'",
          at: location)
      }
      tensors[String(member.name.dropLast(4))] = try NumPyArray.tensor(
        archive.content(of: member), at: location)
    }
    self.init(.npz, path, tensors)
  }

  /// The tensor of that name.
  ///
  /// - Throws: `TensorFileError` if there is none, with the names that are nearest.
  public subscript(_ name: String) -> StoredTensor {
    get throws(TensorFileError) {
      if let tensor = tensors[name] { return tensor }
      let names = NearestNames.of(name, among: tensors.keys)
      throw TensorFileError(
        "a tensor named '\(name)'",
        found: names.isEmpty
          ? "no tensors" : "others, such as '\(names.joined(separator: "', '"))'",
        at: .init(file: path))
    }
  }

  /// What the bytes are instead, where that can be told.
  private static func otherKind(_ bytes: StoredBytes) -> String? {
    let kinds: [([UInt8], String)] = [
      // The number that stands at the beginning of what PyTorch wrote before 1.6.
      (
        [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9],
        "a file of torch.save before version 1.6 (load it there and save it anew)"
      ),
      ([0x80, 0x02], "a pickle by itself, which would have to be run"),
      ([0x80, 0x03], "a pickle by itself, which would have to be run"),
      ([0x80, 0x04], "a pickle by itself, which would have to be run"),
      ([0x80, 0x05], "a pickle by itself, which would have to be run"),
      ([0x89, 0x48, 0x44, 0x46], "an HDF5 file"),
      (Array("GGUF".utf8), "a GGUF file"),
      ([0x1F, 0x8B], "a gzip file (unpack it first)"),
      ([0x89, 0x50, 0x4E, 0x47], "a PNG picture"),
      ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
      (Array("version https://git-lfs".utf8), "a pointer of Git LFS, not the file itself"),
      (Array("<!DOCTYPE".utf8), "a web page"), (Array("<html".utf8), "a web page"),
      (Array("{".utf8), "JSON text"),
    ]
    if bytes.isEmpty { return "an empty file" }
    return kinds.first { bytes.starts(with: $0.0) }?.1
  }
}
