import FoundationEssentials

/// A folder of weights in Hugging Face's form, as it is written: `config.json`, and `model.safetensors` or
/// several files with `model.safetensors.index.json`, which says what is in which.
enum WeightsFolder {
  static let configuration = "config.json"
  static let weights = "model.safetensors"
  static let index = "model.safetensors.index.json"

  /// How an index is written.
  private struct Index: Encodable {
    struct Metadata: Encodable {
      let total_size: Int
    }
    let metadata: Metadata
    let weight_map: [String: String]
  }

  /// Writes the tensors, the index last, and removes what an index that was there has named.
  ///
  /// - Parameter shardSize: bytes of tensors in a file; one that is larger has a file of its own.
  static func write(_ content: SafeTensors, to folder: String, shardSize: Int) throws {
    try createDirectory(folder)
    let old = (try? ShardIndex(contentsOf: "\(folder)/\(index)")).map { Set($0.files.values) } ?? []
    let shards = shards(content.tensors, shardSize)
    let names =
      shards.count < 2
      ? [weights]
      : shards.indices.map { "model-\(number($0 + 1))-of-\(number(shards.count)).safetensors" }
    for (shard, name) in zip(shards, names) {
      let tensors = content.tensors.filter { shard.contains($0.key) }
      try SafeTensors(metadata: content.metadata, tensors: tensors).write(to: "\(folder)/\(name)")
    }
    if shards.count < 2 {
      removeFile("\(folder)/\(index)")
    } else {
      try writeIndex(content, shards, names, to: folder)
    }
    for name in old.subtracting(names) { removeFile("\(folder)/\(name)") }
  }

  private static func writeIndex(
    _ content: SafeTensors, _ shards: [Set<String>], _ names: [String], to folder: String
  ) throws {
    var map: [String: String] = [:]
    for (shard, name) in zip(shards, names) {
      for tensor in shard { map[tensor] = name }
    }
    let size = content.tensors.values.reduce(0) { $0 + $1.bytes.count }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    let text = try encoder.encode(Index(metadata: .init(total_size: size), weight_map: map))
    try AtomicFile.write(Array(text) + [UInt8(ascii: "\n")], to: "\(folder)/\(index)")
  }

  /// The names of each file's tensors, in the order of the names.
  private static func shards(_ tensors: [String: StoredTensor], _ shardSize: Int) -> [Set<String>] {
    var shards: [Set<String>] = [[]]
    var size = 0
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      if size > 0 && size + tensor.bytes.count > shardSize {
        shards.append([])
        size = 0
      }
      shards[shards.count - 1].insert(name)
      size += tensor.bytes.count
    }
    return shards
  }

  /// With five digits, so that the files stand in their order.
  private static func number(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: Swift.max(0, 5 - digits.count)) + digits
  }
}

extension Layer {
  /// Writes all parameters into a folder in Hugging Face's form: `model.safetensors`, or, where they are
  /// larger than `shardSize`, several files and `model.safetensors.index.json`. Each file is written
  /// beside its old one and renamed into place, the index last.
  ///
  /// - Parameters:
  ///   - names: what the files call them.
  ///   - dtype: of floating tensors, F64, F32, F16 or BF16, each number rounded to the nearest; the
  ///     parameters' own if nil.
  ///   - metadata: text in each file beside the tensors; `format` is `pt` unless it says otherwise, as
  ///     Hugging Face's readers want it.
  ///   - shardSize: bytes of the tensors in a file, 5 GB as there; a tensor is never divided.
  ///   - configuration: the content of `config.json`; none is written if nil.
  /// - Throws: `FileError`.
  public func save(
    toFolder folder: String, names: NameMap = .own, as dtype: StoredTensor.DType? = nil,
    metadata: [String: String] = [:], shardSize: Int = 5_000_000_000, configuration: String? = nil
  ) throws {
    if shardSize < 1 { trap("save: files of \(shardSize) bytes") }
    let metadata = metadata.merging(["format": "pt"]) { own, _ in own }
    try WeightsFolder.write(
      weights(names: names, as: dtype, metadata: metadata), to: folder, shardSize: shardSize)
    if let configuration {
      try AtomicFile.write(configuration, to: "\(folder)/\(WeightsFolder.configuration)")
    }
  }
}

extension ConfiguredModel {
  /// Writes all parameters and the model's configuration into a folder in Hugging Face's form, of which
  /// `init(_:names:)` makes the model.
  ///
  /// - Parameters: as for any layer; `config.json` has the model's own configuration.
  /// - Throws: `FileError`, and what encoding the configuration throws.
  public func save(
    toFolder folder: String, names: NameMap = .own, as dtype: StoredTensor.DType? = nil,
    metadata: [String: String] = [:], shardSize: Int = 5_000_000_000
  ) throws {
    try save(
      toFolder: folder, names: names, as: dtype, metadata: metadata, shardSize: shardSize,
      configuration: StrictJSON.text(configuration))
  }
}
