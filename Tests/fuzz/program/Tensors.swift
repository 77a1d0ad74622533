import Interchange

extension Target {
  /// Files of tensors.
  static let tensors = [
    Target("safetensors") { bytes in
      guard let file = attempt({ try SafeTensors(bytes: bytes, file: "f") }) else { return }
      for tensor in file.tensors.values { useNumbers(of: tensor) }
      let again = attempt { try SafeTensors(bytes: file.serialized()) }
      expect(again == file, "what was written is not what was read")
    },
    Target("npy") { bytes in
      // Without the magic number almost every input would be tried as safetensors.
      useFile(
        of: bytes.starts(with: [0x93])
          ? bytes : Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) }) + bytes)
    },
    Target("npz") { bytes in useFile(of: bytes) },
    Target("pt") { bytes in useFile(of: bytes) },
  ]
}

/// Reads a file of any kind, and all numbers in it.
func useFile(of bytes: [UInt8]) {
  guard let file = attempt({ try TensorFile(bytes: bytes, path: "f") }) else { return }
  for tensor in file.tensors.values { useNumbers(of: tensor) }
}

/// Asks a tensor for its numbers in every way.
func useNumbers(of tensor: StoredTensor) {
  let count = tensor.count
  expect(count >= 0, "a count of \(count)")
  let isByte = tensor.dtype == .uint8 || tensor.dtype == .bool
  if isByte { expect(tensor.bytes.count == count, "\(tensor.bytes.count) bytes for \(count)") }
  _ = attempt { expect(try tensor.floats().count == count, "another count") }
  _ = attempt { expect(try tensor.doubles().count == count, "another count") }
  _ = attempt { expect(try tensor.int64s().count == count, "another count") }
  _ = attempt { expect(try tensor.int32s().count == count, "another count") }
  _ = attempt { expect(try tensor.bools().count == count, "another count") }
  _ = attempt { try Tensor<Float>(tensor) }
  _ = attempt { try Tensor<Int32>(tensor) }
  _ = attempt { try Tensor<UInt8>(tensor) }
}
