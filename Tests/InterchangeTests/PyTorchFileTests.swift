import Autograd
import Interchange
import Testing
import Training

@Suite struct PyTorchFileTests {
  @Test func `every type and every view has the numbers that PyTorch saved`() throws {
    let file = try Fixtures.file("state.pt")
    #expect(file.kind == .pyTorch)
    for type in [
      "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8",
    ] {
      let tensor = try Tensor<Double>(file["types.\(type)"])
      #expect(tensor.shape == [2, 3])
      #expect(tensor.scalars == Fixtures.values(6), "\(type)")
    }
    #expect(try file["types.bool"].bools() == [false, true, true, true, true, false])
    #expect(try file["types.complex64"].dtype == .complex64)
    let base = (0..<24).map { Double($0) }
    #expect(try file["views.shared"].doubles() == base)
    let transposed = try Tensor<Double>(file["views.transposed"])
    #expect(transposed.shape == [4, 3, 2])
    #expect(transposed == Tensor(base, shape: [2, 3, 4]).transposed(axes: 0, 2))
    #expect(try file["views.part"].doubles() == [4, 6, 8, 10, 16, 18, 20, 22])
    #expect(try file["views.expanded"].doubles() == [1, 1, 1, 2, 2, 2])
    #expect(try Tensor<Float>(file["scalar"]).scalar == 2.5)
    #expect(try file["empty"].shape == [0, 3])
    #expect(try file["parameter"].floats() == [1, 2])
  }

  @Test func `dictionaries and lists are joined by dots, what stands beside is metadata`() throws {
    let file = try Fixtures.file("nested.pt")
    #expect(file.tensors.keys.sorted() == ["model.list.0", "model.list.1.0", "model.weight"])
    #expect(try file["model.list.1.0"].doubles() == (12..<24).map { Double($0) })
    #expect(file.metadata == ["epoch": "3", "rate": "0.5", "name": "run", "done": "True"])
    #expect(try Fixtures.file("single.pt")["tensor"].shape == [2, 3, 4])
    #expect(try Fixtures.file("gru.pt")["weight_ih_l0_reverse"].shape == [9, 2])
  }

  @Test(arguments: [
    ("evil.pt", "which tensors do not need; nothing was run"),
    ("old.pt", "a file of torch.save before version 1.6"),
  ])
  func `what would have to be run is refused by name`(name: String, found: String) throws {
    #expect {
      try Fixtures.file(name)
    } throws: {
      "\($0)".contains(found)
    }
  }

  @Test(arguments: ["state.pt", "nested.pt", "gru.pt", "evil.pt"])
  func `damage never traps`(name: String) throws {
    let bytes = try Fixtures.bytes(name)
    var refused = 0
    for index in stride(from: 0, to: bytes.count, by: 5) {
      for change: UInt8 in [0x01, 0x80] {
        var damaged = bytes
        damaged[index] ^= change
        if (try? TensorFile(bytes: damaged)) == nil { refused += 1 }
      }
    }
    #expect(refused > 0)
  }

  /// The archive's sums hide most damage from the pickle, so it is damaged by itself.
  @Test func `no pickle traps`() throws {
    let archive = try ZipArchive(StoredBytes(Fixtures.bytes("nested.pt")), file: nil)
    let pickle = try archive.content(
      of: #require(archive.members.first { $0.name.hasSuffix(".pkl") }))
    let storages = try PyTorchStorages(archive, folder: "nested/", file: nil)
    var finished = 0
    for index in pickle.indices {
      for byte in UInt8.min...UInt8.max {
        var damaged = Array(pickle)
        damaged[index - pickle.startIndex] = byte
        let containers = PickleContainers()
        var machine = Unpickler(
          damaged[...], in: containers,
          call: { (module, name, arguments) throws(PickleFailure) in
            try PyTorchFile.call(module, name, arguments, containers)
          },
          lookup: { (id) throws(PickleFailure) in try storages.storage(id) })
        if (try? machine.value()) != nil { finished += 1 }
      }
    }
    #expect(finished > pickle.count, "most changes of a byte are refused, but many are not")
  }

  /// What a pickle by itself stands for.
  private func value(of pickle: [UInt8], in containers: PickleContainers) throws -> PickleValue {
    var machine = Unpickler(
      pickle[...], in: containers, call: { (_, _, _) throws(PickleFailure) in nil },
      lookup: { (id) throws(PickleFailure) in id })
    return try machine.value()
  }

  @Test func `values within values a million deep are freed without the stack's end`() throws {
    let million = 1_000_000
    let tuples = [UInt8](repeating: 0x85, count: million)
    let lists = [UInt8](repeating: 0x5D, count: million)
    let appends = [UInt8](repeating: 0x61, count: million - 1)
    for pickle in [[0x29] + tuples + [0x2E], lists + appends + [0x2E]] {
      let containers = PickleContainers()
      let outermost = try value(of: pickle, in: containers)
      switch outermost {
      case .tuple(let list), .list(let list): #expect(list.elements.count == 1)
      default: Issue.record("\(outermost)")
      }
    }
  }

  @Test func `a list that is in itself is freed`() throws {
    weak var list: PickleList?
    do {
      let containers = PickleContainers()
      // An empty list, kept as number 0, itself again, append.
      guard
        case .list(let outer) = try value(of: [0x5D, 0x71, 0, 0x68, 0, 0x61, 0x2E], in: containers)
      else {
        Issue.record("no list")
        return
      }
      list = outer
      #expect(outer.elements.count == 1)
    }
    #expect(list == nil)
  }

  @Test func `what is written is read as the same, in dictionaries too`() throws {
    let tensors: [String: StoredTensor] = [
      "b": StoredTensor(Tensor<Float>([[1, 2, 3], [4, 5, -0.5]])),
      "a.c": StoredTensor([Int64.max, -1], shape: [2]),
      "d": try StoredTensor(Tensor<Float>([7])).converted(to: .float16),
      "e": StoredTensor(Tensor<Double>.zeros([3, 0])), "f": StoredTensor(Tensor<Bool>(true)),
    ]
    try withTemporaryPath("a.pt") { path in
      try tensors.write(pt: path)
      let read = try TensorFile(contentsOf: path).tensors
      #expect(read.keys.sorted() == tensors.keys.sorted())
      for (name, tensor) in tensors {
        #expect(read[name]?.dtype == tensor.dtype && read[name]?.shape == tensor.shape)
        #expect(read[name]?.bytes == tensor.bytes)
      }
      try tensors.write(pt: path, under: ["run", "state"])
      let nested = try TensorFile(contentsOf: path).tensors
      #expect(nested.keys.sorted() == tensors.keys.sorted().map { "run.state.\($0)" })
      let short = StoredTensor(dtype: .uint16, shape: [1], bytes: [7, 0], origin: nil)
      #expect(throws: TensorFileError.self) { try ["a": short].write(pt: path) }
    }
  }
}
