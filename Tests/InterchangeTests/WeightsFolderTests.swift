import FoundationEssentials
import Interchange
import Testing

private struct Small: ConfiguredModel {
  struct Configuration: Codable, Sendable {
    var inputs: Int
    var outputs: Int
  }
  let configuration: Configuration
  let first: Linear<Float>
  let norm: BatchNorm<Float>

  init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
    self.configuration = configuration
    first = Linear(inputs: configuration.inputs, outputs: configuration.outputs, using: &generator)
    norm = BatchNorm(configuration.outputs)
  }

  static func contradiction(in configuration: Configuration) -> String? {
    Layers.contradiction(
      sizes: ["inputs": configuration.inputs, "outputs": configuration.outputs])
  }
}

@Suite struct WeightsFolderTests {
  private func model(seed: UInt64 = 1) -> Small {
    var generator = Generator(seed: seed)
    return Small(.init(inputs: 3, outputs: 8), using: &generator)
  }

  private func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func `a folder of one file and its configuration is a model`() throws {
    let model = model()
    try withTemporaryPath("model") { folder in
      try model.save(toFolder: folder, names: .pyTorch)
      #expect(try names(in: folder) == ["config.json", "model.safetensors"])
      let file = try TensorFile(contentsOf: folder)
      #expect(file.metadata == ["format": "pt"])
      #expect(file.tensors["norm.num_batches_tracked"]?.dtype == .int64)
      let same = try Small(file, names: .pyTorch)
      #expect(same.weights().tensors == model.weights().tensors)
    }
  }

  @Test func `large weights are files with an index, and what was there before goes`() throws {
    let model = model()
    try withTemporaryPath("model") { folder in
      try model.save(toFolder: folder, shardSize: 64)
      let shards = try names(in: folder).filter { $0.hasPrefix("model-") }
      // Vectors of 32 bytes, a weight of 96 by itself, and a number of 4.
      #expect(
        shards == (1...5).map { "model-0000\($0)-of-00005.safetensors" })
      let file = try TensorFile(contentsOf: folder)
      #expect(file.tensors == model.weights().tensors)
      let index = try WrittenIndex.read(folder)
      #expect(index.metadata.total_size == 96 + 5 * 32 + 4)
      #expect(index.weight_map["first.weight"] == "model-00002-of-00005.safetensors")
      #expect(try Small(file).weights().tensors == model.weights().tensors)
      // A shard that has lost a tensor is no model.
      try SafeTensors().write(to: "\(folder)/\(shards[1])")
      #expect(throws: TensorFileError.self) { try TensorFile(contentsOf: folder) }
      try model.save(toFolder: folder, as: .float16)
      #expect(try names(in: folder) == ["config.json", "model.safetensors"])
      #expect(try TensorFile(contentsOf: folder)["first.weight"].dtype == .float16)
    }
  }

  @Test func `half as many bytes hold the nearest numbers`() throws {
    let model = model()
    for (type, share) in [(StoredTensor.DType.float16, 0x1p-11), (.bfloat16, 0x1p-8)] {
      try withTemporaryPath("half.safetensors") { path in
        try model.save(to: path, names: .pyTorch, as: type, metadata: ["said": "so"])
        let same = try Small(contentsOf: path, names: .pyTorch)
        let difference = abs(same.first.weight - model.first.weight)
        #expect((difference .> abs(model.first.weight) * Float(share)).scalars.allSatisfy { !$0 })
        #expect(difference.max().scalar > 0)
        #expect(try TensorFile(contentsOf: path).metadata["said"] == "so")
        // What is saved again is the same file.
        let first = try readFile(path)
        try same.save(to: path, names: .pyTorch, as: type, metadata: ["said": "so"])
        #expect(try readFile(path) == first)
      }
    }
  }

  @Test func `what a folder claims is compared with what it holds`() throws {
    try withTemporaryPath("model") { folder in
      try model().save(toFolder: folder)
      try AtomicFile.write(
        #"{"inputs": 1000000, "outputs": 1000000}"#, to: "\(folder)/config.json")
      #expect {
        try Small(TensorFile(contentsOf: folder))
      } throws: {
        ($0 as? WeightsError)?.report?.misshapen.first?.expected == [1_000_000, 1_000_000]
      }
      try AtomicFile.write(#"{"inputs": 3}"#, to: "\(folder)/config.json")
      #expect(throws: WeightsError.self) { try Small(TensorFile(contentsOf: folder)) }
    }
  }
}

/// An index as another program reads it.
private struct WrittenIndex: Decodable {
  struct Metadata: Decodable { let total_size: Int }
  let metadata: Metadata
  let weight_map: [String: String]
}

extension WrittenIndex {
  fileprivate static func read(_ folder: String) throws -> WrittenIndex {
    try JSONDecoder().decode(
      WrittenIndex.self, from: Data(readFile("\(folder)/model.safetensors.index.json")))
  }
}
