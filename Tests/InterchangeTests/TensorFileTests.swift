import Autograd
import FoundationEssentials
import Interchange
import Testing
import Training

@Suite struct TensorFileTests {
  @Test func `the kind is told by the first bytes, a wrong one is named`() throws {
    let weights = SafeTensors(tensors: ["bias": StoredTensor([0.5, 1] as [Float], shape: [2])])
    let file = try TensorFile(bytes: weights.serialized())
    #expect(file.kind == .safetensors)
    #expect(try Tensor<Double>(file["bias"]).scalars == [0.5, 1])
    let others: [([UInt8], String)] = [
      ([], "an empty file"), (Array("GGUF0000".utf8), "a GGUF file"),
      (Array("{\"a\": 1}".utf8), "JSON text"), ([0x1F, 0x8B, 8, 0], "a gzip file"),
      (Array("version https://git-lfs.github.com/spec/v1".utf8), "a pointer of Git LFS"),
    ]
    for (bytes, kind) in others {
      #expect {
        try TensorFile(bytes: bytes)
      } throws: {
        "\($0)".contains(kind)
      }
    }
  }

  @Test func `a name that is not there is answered by the nearest`() throws {
    let file = try Fixtures.file("gru.pt")
    #expect {
      try file["weight_ih_10"]
    } throws: {
      "\($0)".contains("'weight_ih_l0'")
    }
  }

  @Test func `a folder of shards is one set of tensors`() throws {
    let parts: [String: [Float]] = ["a": [0, 1, 2, 3, 4, 5], "b": [7]]
    try withTemporaryPath("") { folder in
      func write(_ name: String, _ tensors: [String: StoredTensor]) throws {
        try SafeTensors(tensors: tensors).write(to: "\(folder)/\(name)")
      }
      func index(_ map: [String: String]) throws {
        let text = try JSONEncoder().encode(["weight_map": map])
        try text.write(to: URL(filePath: "\(folder)/model.safetensors.index.json"))
      }
      #expect(throws: TensorFileError.self) { try TensorFile(contentsOf: folder) }
      try write("one.safetensors", ["a": StoredTensor(parts["a"]!, shape: [2, 3])])
      try write("two.safetensors", ["b": StoredTensor(parts["b"]!, shape: [])])
      try index(["a": "one.safetensors", "b": "two.safetensors"])
      let file = try TensorFile(contentsOf: folder)
      #expect(file.kind == .folder)
      #expect(try file["a"].floats() == parts["a"])
      #expect(try Tensor<Float>(file["b"]).scalar == 7)
      // Named in the wrong file, in none, and outside of the folder.
      for map in [
        ["a": "two.safetensors", "b": "two.safetensors"],
        ["b": "two.safetensors", "c": "one.safetensors"],
        ["a": "one.safetensors", "b": "../two.safetensors"],
      ] {
        try index(map)
        #expect(throws: TensorFileError.self) { try TensorFile(contentsOf: folder) }
      }
    }
  }

  @Test func `numbers are rounded once, to the nearest, ties to even`() throws {
    // 1 + 2^-8 lies between 1 and 1 + 2^-7; a little more goes up, also where Float cannot hold it.
    let numbers: [Double] = [
      1, 1.00390625, 1.003906250001, 1.01171875, -0.0, 1e39, -Double.infinity, 3.4e38,
    ]
    let stored = StoredTensor(numbers, shape: [8])
    let brain = try stored.converted(to: .bfloat16)
    #expect(brain.dtype == .bfloat16)
    let rounded: [Double] = [
      1, 1, 1.0078125, 1.015625, -0.0, Double.infinity, -Double.infinity, Double.infinity,
    ]
    #expect(try brain.doubles() == rounded)
    let half = try StoredTensor([1, 65504, 65520, 6e-8] as [Float], shape: [4])
      .converted(to: .float16)
    #expect(try half.doubles() == [1, 65504, Double.infinity, 0x1p-24])
    #expect(try StoredTensor([Double.nan], shape: [1]).converted(to: .bfloat16).doubles()[0].isNaN)
    // Each 16-bit number comes back as itself.
    let words = (0...UInt16.max).filter { Float(bitPattern: UInt32($0) << 16).isNaN == false }
    let exact = StoredTensor(
      words.map { Float(bitPattern: UInt32($0) << 16) }, shape: [words.count])
    let bytes = try exact.converted(to: .bfloat16).bytes
    #expect(Array(bytes) == words.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
    #expect(throws: TensorFileError.self) { try stored.converted(to: .int32) }
  }

  @Test func `tensors of each type go out and come back`() throws {
    let floats = Tensor<Float>([1.5, -2])
    #expect(try Tensor<Float>(StoredTensor(floats)) == floats)
    let truths = Tensor<Bool>([true, false])
    #expect(try Tensor<Bool>(StoredTensor(truths)).scalars == [true, false])
    let bytes = Tensor<UInt8>([1, 255])
    #expect(try Tensor<UInt8>(StoredTensor(bytes)).scalars == [1, 255])
    #expect(try Tensor<Float>(StoredTensor(bytes)).scalars == [1, 255])
    let whole = Tensor<Int32>([-3, 4])
    #expect(try Tensor<Int32>(StoredTensor(whole)).scalars == [-3, 4])
    #expect(throws: TensorFileError.self) { try Tensor<UInt8>(StoredTensor(whole)) }
    #expect(throws: TensorFileError.self) { try Tensor<Bool>(StoredTensor(whole)) }
    #expect(throws: TensorFileError.self) {
      try Tensor<Float>(StoredTensor([1] as [Float], shape: Array(repeating: 1, count: 9)))
    }
  }
}
