import CInterface

// Arguments as a program in C could hand them over: names, types, axes and elements of any kind.

/// A model with each kind of argument.
private struct Scorer: ConfiguredModel, CallableByName {
  struct Configuration: Codable, Sendable {}

  let configuration: Configuration
  let linear: Linear<Float>

  init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
    self.configuration = configuration
    linear = Linear(inputs: 2, outputs: 3, using: &generator)
  }

  static func contradiction(in configuration: Configuration) -> String? { nil }

  var namedFunctions: [NamedFunction<Float>] {
    [
      NamedFunction(
        inputs: [
          .numbers("x", ["batch", "time", .size(2)]), .lengths(of: "time"),
        ], outputs: [.numbers("y", ["batch", "time", .size(3)])]
      ) {
        _ = $0.lengths("lengths")
        return [linear($0.numbers("x"))]
      }
    ]
  }

  var namedLoss: NamedLoss<Float>? {
    NamedLoss(
      inputs: [.numbers("x", ["batch", .size(2)])],
      targets: [.indices("labels", ["batch"], in: 0..<3)]
    ) { crossEntropyLoss(linear($0.numbers("x")), $0.indices("labels")) }
  }
}

/// `tapestry_tensor` of `Python/tapestry.h`.
private struct CTensor {
  var name: UnsafePointer<CChar>?
  var type: Int32
  var rank: Int32
  var shape: UnsafePointer<Int64>?
  var data: UnsafeRawPointer?
}

private let model: Int64 = {
  let handle = ModelLibrary([ModelKind("scorer", Scorer.self)]).create("scorer", "{}", 1, 1)
  expect(handle != 0, "there is no model")
  expect(tapestrySetOptimizer(handle) == 0, "there is no optimizer")
  return handle
}()

private func tapestrySetOptimizer(_ handle: Int64) -> Int32 {
  setOptimizer(handle, "adam", 0.001, 0, 1, 1)
}

func callFromC(_ bytes: [UInt8]) {
  var choices = Choices(bytes)
  let trains = choices.truth()
  let count = choices.number(below: 4)
  // Elements of the largest tensor that is described: four axes of two.
  let data = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 16)
  let shapes = UnsafeMutablePointer<Int64>.allocate(capacity: 8 * 4)
  defer {
    data.deallocate()
    shapes.deallocate()
  }
  let names: [StaticString] = ["x", "lengths", "labels", "z"]
  var tensors: [CTensor] = []
  for position in 0..<count {
    let name = names[choices.number(below: names.count)]
    let rank = choices.number(below: 11) - 1
    for axis in 0..<8 {
      let extent = Int64(choices.number(below: 8))
      shapes[8 * position + axis] = [5: -1, 6: .max, 7: 1 << 31][extent] ?? extent
    }
    tensors.append(
      CTensor(
        name: UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self),
        type: Int32(choices.number(below: 8)) - 1, rank: Int32(rank),
        shape: shapes + 8 * position, data: data + choices.number(below: 9)))
  }
  let elements = choices.remaining()
  for position in 0..<1 << 12 {
    data.storeBytes(
      of: elements.isEmpty ? 0 : elements[position % elements.count], toByteOffset: position,
      as: UInt8.self)
  }
  let message = UnsafeMutablePointer<CChar>.allocate(capacity: 64)
  defer { message.deallocate() }
  tensors.withUnsafeBytes { tensors in
    if trains {
      var loss = 0.0
      if trainModel(model, tensors.baseAddress, Int32(count), &loss) != 0 {
        _ = lastError(message, 64)
      }
      return
    }
    var (outputs, outputCount): (UnsafeRawPointer?, Int32) = (nil, 0)
    let result = callModel(model, nil, tensors.baseAddress, Int32(count), &outputs, &outputCount)
    if result == 0 { _ = lastError(message, 64) } else { _ = releaseResult(result) }
  }
}
