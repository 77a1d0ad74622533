import Autograd
import FoundationEssentials
import Interchange
import Testing
import Training

@Suite struct NumPyTests {
  @Test(arguments: ["stored.npz", "deflated.npz"])
  func `every numeric type has the numbers that NumPy wrote`(name: String) throws {
    let file = try Fixtures.file(name)
    #expect(file.kind == .npz)
    #expect(file.tensors.count == 20)
    for name in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "big", "big16"] {
      let tensor = try Tensor<Double>(file[name])
      #expect(tensor.shape == [2, 3])
      #expect(tensor.scalars == Fixtures.values(6), "\(name)")
    }
    #expect(try file["b1"].bools() == [false, true, true, true, true, false])
    #expect(try file["c8"].dtype == .complex64)
    #expect(try file["c16"].bytes.count == 6 * 16)
    #expect(try Tensor<Float>(file["scalar"]).scalar == 2.5)
    #expect(try Tensor<Float>(file["empty"]).shape == [0, 3])
    #expect(try Tensor<Int32>(file["u8"]).scalars == [0, 1, 2, 3, 4, 0])
    #expect(try Tensor<UInt8>(file["i8"]).scalars == [0, 1, 2, 3, 4, 0])
  }

  @Test func `Fortran's order becomes rows`() throws {
    for tensor in [
      try Fixtures.file("fortran.npy")["tensor"], try Fixtures.file("stored.npz")["fortran"],
    ] {
      #expect(tensor.shape == [2, 3, 4])
      #expect(try tensor.doubles() == Fixtures.values(24))
    }
  }

  @Test func `the second version of the format is read`() throws {
    #expect(try Fixtures.file("version2.npy")["tensor"].doubles() == Fixtures.values(6))
  }

  @Test(arguments: [
    ("structured.npy", "structured elements"), ("text.npy", "elements of type '<U2'"),
    ("other.zip", "'readme.txt'"),
  ])
  func `what is no numbers is refused by name`(name: String, found: String) throws {
    #expect(throws: TensorFileError.self) { try Fixtures.file(name) }
    do {
      _ = try Fixtures.file(name)
    } catch let error as TensorFileError {
      #expect(error.found == found)
    }
  }

  @Test(arguments: [
    "(0, 576460752303423488, 576460752303423488)", "(576460752303423488, 576460752303423488, 0)",
  ])
  func `lengths that multiply to more than there are numbers are refused beside a 0`(
    shape: String
  ) {
    for order in ["True", "False"] {
      let header = "{'descr': '<f4', 'fortran_order': \(order), 'shape': \(shape), }"
      let bytes =
        [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      #expect(throws: TensorFileError.self) { try TensorFile(bytes: bytes) }
    }
  }

  @Test func `an axis that is longer than a tensor's is refused where a tensor is made`() throws {
    let file = StoredTensor([] as [Float], shape: [0, 1 << 40])
    #expect(throws: TensorFileError.self) { try Tensor<Float>(file) }
    #expect(try file.floats().isEmpty)
  }

  @Test func `what is written is what NumPy writes`() throws {
    // The same arrays, each beside NumPy's own bytes.
    let tensor = try Fixtures.file("version2.npy")["tensor"]
    try withTemporaryPath("array.npy") { path in
      try tensor.write(npy: path)
      let written = try TensorFile(contentsOf: path)
      #expect(written.kind == .npy)
      #expect(try written["tensor"] == tensor)
    }
    let archive = try ZipArchive(StoredBytes(Fixtures.bytes("stored.npz")), file: nil)
    for member in archive.members
    where !member.name.hasPrefix("big") && member.name != "fortran.npy" {
      let bytes = try archive.content(of: member)
      let pieces = try NumPyArray.pieces(
        NumPyArray.tensor(bytes, at: .init()), named: member.name)
      #expect(pieces.flatMap(\.self) == Array(bytes), "\(member.name)")
    }
  }

  @Test func `an archive that is written is read back, its elements at whole cache lines`() throws {
    let tensors = try Fixtures.file("stored.npz").tensors
    try withTemporaryPath("arrays.npz") { path in
      try tensors.write(npz: path)
      #expect(try TensorFile(contentsOf: path).tensors == tensors)
      let bytes = try readFile(path)
      let floats = try #require(bytes.firstRange(of: tensors["f8"]!.bytes.prefix(48)))
      #expect(floats.lowerBound % 64 == 0)
    }
  }

  @Test func `a type that NumPy lacks is refused by name`() throws {
    let brain = try StoredTensor([1.5, 2] as [Float], shape: [2]).converted(to: .bfloat16)
    #expect {
      try ["weight": brain].write(npz: "never.npz")
    } throws: {
      "\($0)".contains("BF16 elements") && "\($0)".contains("weight")
    }
  }

  /// One byte changed at a time, and the file cut off at every length: an error or numbers, never a
  /// trap.
  @Test(arguments: ["fortran.npy", "stored.npz", "deflated.npz"])
  func `damage never traps`(name: String) throws {
    let bytes = try Fixtures.bytes(name)
    var refused = 0
    for index in stride(from: 0, to: bytes.count, by: bytes.count > 4000 ? 3 : 1) {
      for change: UInt8 in [0x01, 0x80, 0xFF] {
        var damaged = bytes
        damaged[index] ^= change
        if (try? TensorFile(bytes: damaged)) == nil { refused += 1 }
      }
      if (try? TensorFile(bytes: Array(bytes[..<index]))) == nil { refused += 1 }
    }
    #expect(refused > bytes.count / 4)
  }
}
