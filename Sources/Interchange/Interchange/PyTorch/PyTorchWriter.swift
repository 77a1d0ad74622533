import Training

extension [String: StoredTensor] {
  /// Writes what `torch.save` writes of a dictionary of tensors, in the order of their names; PyTorch reads
  /// it by `torch.load(path, weights_only=True)`.
  ///
  /// - Parameters:
  ///   - path: the file, which is replaced as a whole.
  ///   - keys: those of dictionaries around it, the outermost first: `["state_dict"]` for
  ///     `{"state_dict": {...}}`.
  /// - Throws: `FileError`, or `TensorFileError` for a type for which PyTorch has no storage class.
  public func write(pt path: String, under keys: [String] = []) throws {
    var archive = ZipWriter()
    let tensors = sorted { $0.key < $1.key }
    let pickle = try PyTorchPickle(tensors.map { ($0.key, $0.value) }, under: keys, file: path)
    archive.add("archive/data.pkl", [StoredBytes(pickle.bytes)])
    archive.add("archive/byteorder", [StoredBytes(Array("little".utf8))])
    for (number, tensor) in tensors.enumerated() {
      archive.add("archive/data/\(number)", [tensor.value.bytes], alignment: 64)
    }
    archive.add("archive/version", [StoredBytes(Array("3\n".utf8))])
    try AtomicFile.write(pieces: archive.finish(), to: path)
  }
}

/// The pickle (protocol 2) of a dictionary of tensors, each with memory of its own.
private struct PyTorchPickle {
  private(set) var bytes: [UInt8] = [0x80, 2]

  init(
    _ tensors: [(name: String, tensor: StoredTensor)], under keys: [String], file: String
  ) throws(TensorFileError) {
    for key in keys {
      beginDictionary()
      add(key)
    }
    beginDictionary()
    for (number, (name, tensor)) in tensors.enumerated() {
      guard let storage = PyTorchStorage.className(of: tensor.dtype) else {
        throw TensorFileError(
          "a type that PyTorch has a storage for", found: tensor.dtype.name,
          at: .init(file: file, tensor: name))
      }
      add(name)
      add(tensor, storage, number: number)
    }
    // Each dictionary takes what stands behind its mark.
    for _ in 0...keys.count { bytes.append(Instruction.setItems) }
    bytes.append(Instruction.stop)
  }

  /// The instructions that are needed.
  private enum Instruction {
    static let mark = UInt8(ascii: "(")
    static let stop = UInt8(ascii: ".")
    static let emptyDictionary = UInt8(ascii: "}")
    static let setItems = UInt8(ascii: "u")
    static let text = UInt8(ascii: "X")
    static let name = UInt8(ascii: "c")
    static let number = UInt8(ascii: "J")
    static let longNumber: UInt8 = 0x8A
    static let tuple = UInt8(ascii: "t")
    static let emptyTuple = UInt8(ascii: ")")
    static let reference = UInt8(ascii: "Q")
    static let call = UInt8(ascii: "R")
    static let no: UInt8 = 0x89
  }

  private mutating func beginDictionary() {
    bytes += [Instruction.emptyDictionary, Instruction.mark]
  }

  /// `torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, gradient, hooks)`.
  private mutating func add(_ tensor: StoredTensor, _ storage: String, number: Int) {
    addName("torch._utils", "_rebuild_tensor_v2")
    bytes += [Instruction.mark, Instruction.mark]
    add("storage")
    addName("torch", storage)
    add("\(number)")
    add("cpu")
    add(tensor.shape.reduce(1, *))
    bytes += [Instruction.tuple, Instruction.reference]
    add(0)
    add(tensor.shape)
    add(StoredTensor.contiguousStrides(tensor.shape))
    bytes.append(Instruction.no)
    addName("collections", "OrderedDict")
    bytes += [Instruction.emptyTuple, Instruction.call, Instruction.tuple, Instruction.call]
  }

  private mutating func add(_ numbers: [Int]) {
    bytes.append(Instruction.mark)
    for number in numbers { add(number) }
    bytes.append(Instruction.tuple)
  }

  private mutating func add(_ number: Int) {
    if let short = Int32(exactly: number) {
      bytes.append(Instruction.number)
      append(UInt64(bitPattern: Int64(short)), count: 4)
    } else {
      bytes += [Instruction.longNumber, 8]
      append(UInt64(bitPattern: Int64(number)), count: 8)
    }
  }

  private mutating func add(_ text: String) {
    bytes.append(Instruction.text)
    append(UInt64(text.utf8.count), count: 4)
    bytes += text.utf8
  }

  private mutating func addName(_ module: String, _ name: String) {
    bytes.append(Instruction.name)
    bytes += "\(module)\n\(name)\n".utf8
  }

  /// The lowest byte first.
  private mutating func append(_ number: UInt64, count: Int) {
    for byte in 0..<count { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * byte))) }
  }
}
