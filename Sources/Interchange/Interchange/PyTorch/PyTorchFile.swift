import Training

/// A file that `torch.save` has written: tensors in dictionaries, lists and tuples of any depth.
///
/// The file is a ZIP archive with a pickle that describes the tensors, and a file for each piece of
/// memory. The pickle is read, not run (`Unpickler`).
package struct PyTorchFile {
  /// The tensors, by their keys joined by dots.
  private(set) var tensors: [String: StoredTensor] = [:]
  /// Numbers, truth values and text that stand beside the tensors.
  private(set) var metadata: [String: String] = [:]
  private let file: String?

  /// Whether an archive is one of PyTorch's.
  static func matches(_ archive: ZipArchive) -> Bool {
    archive.members.contains { $0.name.hasSuffix("/data.pkl") || $0.name == "data.pkl" }
  }

  init(_ archive: ZipArchive, file: String?) throws(TensorFileError) {
    self.file = file
    guard
      let pickle = archive.members.first(where: {
        $0.name.hasSuffix("/data.pkl") || $0.name == "data.pkl"
      })
    else { throw TensorFileError("data.pkl", found: "another archive", at: .init(file: file)) }
    let storages = try PyTorchStorages(archive, folder: pickle.name.dropLast(8), file: file)
    let bytes = Array(try archive.content(of: pickle))[...]
    let containers = PickleContainers()
    let root: PickleValue
    do throws(PickleFailure) {
      var machine = Unpickler(
        bytes, in: containers,
        call: { (module, name, arguments) throws(PickleFailure) in
          try Self.call(module, name, arguments, containers)
        },
        lookup: { (id) throws(PickleFailure) in
          try storages.storage(id)
        })
      root = try machine.value()
    } catch {
      throw TensorFileError(
        "tensors in dictionaries and lists", found: error.found,
        at: .init(file: file, tensor: pickle.name, offset: error.offset))
    }
    // Values may be referred to again and again: as many as the pickle has bytes are enough.
    var budget = bytes.count
    defer { withExtendedLifetime(containers) {} }
    try collect(root, "", depth: 0, &budget)
  }

  /// The functions that make tensors and dictionaries.
  package static func call(
    _ module: String, _ name: String, _ arguments: [PickleValue], _ containers: PickleContainers
  ) throws(PickleFailure) -> PickleValue? {
    switch (module, name) {
    case ("collections", "OrderedDict"):
      return arguments.isEmpty ? .dictionary(containers.dictionary()) : nil
    case ("torch._utils", "_rebuild_tensor_v2"), ("torch._utils", "_rebuild_tensor_v3"):
      return .tensor(try tensor(arguments))
    case ("torch._utils", "_rebuild_parameter"):
      return arguments.first
    case ("torch", "Size"):
      return arguments.first
    default: return nil
    }
  }

  /// - Parameter arguments: storage, offset, shape, strides, ..., and in the third version the type.
  private static func tensor(_ arguments: [PickleValue]) throws(PickleFailure) -> StoredTensor {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0],
      case .number(let offset) = arguments[1], let shape = numbers(arguments[2]),
      let strides = numbers(arguments[3])
    else { throw PickleFailure(found: "a tensor that is described otherwise") }
    var dtype = storage.dtype
    if arguments.count >= 7, case .name("torch", let name) = arguments[6] {
      dtype = PyTorchStorage.dtype(named: name)
    }
    guard let dtype else { throw PickleFailure(found: "a tensor of a type that is not known") }
    return try storage.tensor(dtype, offset: offset, shape: shape, strides: strides)
  }

  private static func numbers(_ value: PickleValue) -> [Int]? {
    guard case .tuple(let tuple) = value else { return nil }
    var numbers: [Int] = []
    for element in tuple.elements {
      guard case .number(let number) = element else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  /// Takes the tensors of a value, of those in it under its key.
  private mutating func collect(
    _ value: PickleValue, _ key: String, depth: Int, _ budget: inout Int
  ) throws(TensorFileError) {
    budget -= 1
    if depth > 100 || budget < 0 {
      throw TensorFileError(
        "dictionaries and lists that end", found: "ones that go on and on",
        at: .init(file: file, tensor: key))
    }
    func inner(_ name: String) -> String { key.isEmpty ? name : "\(key).\(name)" }
    switch value {
    case .tensor(let tensor): try add(tensor, key)
    case .dictionary(let dictionary):
      for pair in dictionary.pairs {
        guard let name = Self.key(pair.key) else {
          throw TensorFileError(
            "text or a number as a key", found: "something else", at: .init(file: file, tensor: key)
          )
        }
        try collect(pair.value, inner(name), depth: depth + 1, &budget)
      }
    case .list(let list), .tuple(let list):
      for (position, element) in list.elements.enumerated() {
        try collect(element, inner("\(position)"), depth: depth + 1, &budget)
      }
    case .number, .real, .text, .truth: metadata[key] = Self.key(value)
    case .none: break
    case .name(let module, let name): metadata[key] = "\(module).\(name)"
    case .storage:
      throw TensorFileError(
        "tensors", found: "a storage by itself", at: .init(file: file, tensor: key))
    }
  }

  private mutating func add(_ tensor: StoredTensor, _ key: String) throws(TensorFileError) {
    // A file of one tensor has no key.
    let name = key.isEmpty ? "tensor" : key
    if tensors.updateValue(tensor, forKey: name) != nil {
      throw TensorFileError(
        "each name once", found: "'\(name)' twice", at: .init(file: file, tensor: name))
    }
  }

  private static func key(_ value: PickleValue) -> String? {
    switch value {
    case .text(let text): text
    case .number(let number): "\(number)"
    case .real(let number): "\(number)"
    case .truth(let truth): truth ? "True" : "False"
    default: nil
    }
  }
}
