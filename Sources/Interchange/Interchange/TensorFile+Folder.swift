import FoundationEssentials
import Training

extension TensorFile {
  /// Reads a folder in Hugging Face's form: `model.safetensors.index.json`, which names the file of each
  /// tensor, or else `model.safetensors`; and `config.json`, if there is one.
  init(folder: String) throws {
    let index = "\(folder)/\(WeightsFolder.index)"
    let configuration = try Self.configuration(of: folder)
    guard fileExists(index) else {
      let file = "\(folder)/\(WeightsFolder.weights)"
      guard fileExists(file) else {
        throw TensorFileError(
          "model.safetensors or model.safetensors.index.json in the folder", found: "neither",
          at: .init(file: folder))
      }
      let content = try SafeTensors(contentsOf: file)
      self.init(.folder, folder, content.tensors, content.metadata, configuration)
      return
    }
    let map = try ShardIndex(contentsOf: index)
    var tensors: [String: StoredTensor] = [:]
    var metadata: [String: String] = [:]
    for (shard, names) in map.namesOfShards {
      let content = try SafeTensors(contentsOf: "\(folder)/\(shard)")
      for name in names { tensors[name] = try content.entry(name) }
      // One that the index does not name is left out by whoever follows the index.
      if let name = content.tensors.keys.filter({ map.files[$0] != shard }).min() {
        throw TensorFileError(
          "only tensors that the index has in \(shard)", found: "'\(name)'",
          at: .init(file: "\(folder)/\(shard)", tensor: name))
      }
      metadata.merge(content.metadata) { first, _ in first }
    }
    self.init(.folder, folder, tensors, metadata, configuration)
  }

  private static func configuration(of folder: String) throws -> String? {
    let path = "\(folder)/\(WeightsFolder.configuration)"
    if !fileExists(path) { return nil }
    guard let text = String(validating: try readFile(path), as: UTF8.self) else {
      throw TensorFileError("text in UTF-8", found: "other bytes", at: .init(file: path))
    }
    return text
  }
}

/// The index of a set of files.
struct ShardIndex {
  /// The file of each tensor.
  let files: [String: String]

  /// The tensors of each file, in the order of the files' names.
  var namesOfShards: [(shard: String, names: [String])] {
    Dictionary(grouping: files.keys) { files[$0]! }
      .map { (shard: $0.key, names: $0.value.sorted()) }.sorted { $0.shard < $1.shard }
  }

  init(contentsOf path: String) throws {
    struct Index: Decodable {
      let weight_map: [String: String]
    }
    let bytes = try readFile(path)
    let index: Index
    do {
      index = try JSONDecoder().decode(Index.self, from: Data(bytes))
    } catch {
      throw TensorFileError(
        "JSON with a weight_map from tensors to files", found: "something else",
        at: .init(file: path))
    }
    for (name, file) in index.weight_map where file.contains("/") || !file.hasSuffix(".safetensors")
    {
      throw TensorFileError(
        "a safetensors file in the same folder", found: "'\(file)'",
        at: .init(file: path, tensor: name))
    }
    files = index.weight_map
  }
}
