import CInterface
import Testing

/// What a caller hands over is compared with the description, and refused in a sentence.
@Suite struct ArgumentTests {
  @Test func argumentsOfAllKindsReachTheModel() throws {
    let model = try openScorer()
    defer { #expect(closeModel(model) == 0) }
    let plain = try #require(call(model, given())?["scores"])
    #expect(plain.count == 6 && plain.contains { $0 != 0 })
    // Any byte but 0 is true.
    let masked = try #require(
      call(model, given() + [Given("mask", .bool, [1, 0, 7, 1, 1, 0] as [UInt8], [2, 3])]))
    #expect(masked["scores"] == [plain[0], 0, plain[2], plain[3], plain[4], 0])
    let shorter = try #require(
      call(model, given() + [Given("lengths", .int32, [1, 3] as [Int32], [2])]))
    #expect(shorter["scores"] == [plain[0], 0, 0] + plain[3...])
    let squared = try #require(call(model, given() + [.wholes("power", [2], [])]))
    #expect(squared["scores"] == plain.map { $0 * $0 })
  }

  static let refused: [(change: [Given], sentence: String)] = [
    ([.floats("y", [1], [1])], "nothing is called 'y' here; there are 'x', 'symbols', 'mask'"),
    ([.wholes("lengths", [1, 2]), .wholes("lengths", [1, 2])], "'lengths' is given twice"),
    ([.floats("x", [1, 2], [2])], "'x' is float32 [2]; float32 [batch, time, 4] is expected"),
    (
      [.floats("x", [1, 2, 3], [1, 1, 3])],
      "'x' is float32 [1, 1, 3]; float32 [batch, time, 4] is expected"
    ),
    ([.floats("x", [], [2, 0, 4])], "'x' is float32 [2, 0, 4]; float32 [batch, time, 4] is "),
    (
      [.wholes("symbols", [1, 2], [2, 1])],
      "'symbols' is int64 [2, 1]; int32 or int64 [batch, time] is expected, and 'time' is 3 in 'x'"
    ),
    (
      [.wholes("symbols", [0, 1, 2, 3, 9, 5], [2, 3])],
      "'symbols' has 9 at [1, 1]; from 0 to 8 is expected"
    ),
    (
      [.wholes("symbols", [-1, 1, 2, 3, 4, 5], [2, 3])], "'symbols' has -1 at [0, 0]; from 0 to 8"
    ),
    (
      [.wholes("symbols", [1 << 40, 1, 2, 3, 4, 5], [2, 3])],
      "'symbols' has 1099511627776 at [0, 0]"
    ),
    (
      [.floats("symbols", [.nan, 1, 2, 3, 4, 5], [2, 3])],
      "'symbols' is float32 [2, 3]; int32 or int64 [batch, time] is expected"
    ),
    (
      [.wholes("lengths", [1, 4])], "'lengths' has 4 at [1]; from 1 to 3 is expected: 'time' has so"
    ),
    ([.wholes("lengths", [0, 1])], "'lengths' has 0 at [0]; from 1 to 3"),
    ([.wholes("lengths", [1])], "'lengths' is int64 [1]; int32 or int64 [batch] is expected, and"),
    ([.wholes("power", [4], [])], "'power' has 4; from 1 to 3 is expected"),
    ([.wholes("mask", [1, 1, 1, 1, 1, 1], [2, 3])], "'mask' is int64 [2, 3]; bool [batch, time]"),
    (
      [Given("x", .float64, Array(repeating: 1.0, count: 24), [2, 3, 4])],
      "'x' is float64 [2, 3, 4]; float32 [batch, time, 4] is expected"
    ),
    ([.floats("x", [1], [1, 1, 1, 1, 1, 1, 1, 1, 1])], "'x' has 9 axes; from 0 to 8 is expected"),
    ([.floats("x", [1], [1, -1, 4])], "'x' has an axis of -1 elements"),
    ([.floats("x", [1], [1 << 30, 1 << 30, 1 << 30])], "'x' has an axis of 1073741824 elements"),
  ]

  @Test(arguments: refused.indices)
  func whatDoesNotFitIsASentence(_ index: Int) throws {
    let (change, sentence) = Self.refused[index]
    let model = try openScorer()
    defer { #expect(closeModel(model) == 0) }
    let names = change.map(\.name)
    #expect(call(model, given().filter { !names.contains($0.name) } + change) == nil)
    #expect(errorText.hasPrefix(sentence), "\(errorText)")
    // Nothing is left of it.
    #expect(call(model, given()) != nil)
  }

  @Test func whatIsMissingIsNamed() throws {
    let model = try openScorer()
    defer { #expect(closeModel(model) == 0) }
    #expect(call(model, [given()[1]]) == nil)
    #expect(errorText == "'x' is missing: float32 [batch, time, 4] is expected")
    #expect(call(model, given(), of: "unknown") == nil)
    #expect(
      errorText == "scorer has no function 'unknown'; there are 'apply', 'refuse', 'forgetful'")
    // What a description cannot say.
    #expect(call(model, [], of: "refuse") == nil)
    #expect(errorText == "not today")
    // An error of the model's description, not of the caller.
    #expect(call(model, [], of: "forgetful") == nil)
    #expect(errorText == "scorer.forgetful has made 0 tensors of 1")
  }

  @Test func fieldsThatCannotBeThoseOfATensorAreRefused() throws {
    let model = try openScorer()
    defer { #expect(closeModel(model) == 0) }
    let shape: [Int64] = [1]
    let number: [Float] = [1, 2]
    try shape.withUnsafeBufferPointer { shape in
      try number.withUnsafeBytes { data in
        try "x".withCString { name in
          let good = CTensor(
            name: name, type: 1, rank: 1, shape: shape.baseAddress, data: data.baseAddress)
          for (change, sentence) in [
            ({ $0.name = nil }, "tensor 0 has no name in UTF-8"),
            ({ $0.type = 9 }, "'x' has elements of type 9, which is none"),
            ({ $0.rank = -1 }, "'x' has -1 axes"), ({ $0.shape = nil }, "'x' has no shape"),
            ({ $0.data = nil }, "'x' has no data"),
            ({ $0.data = $0.data! + 1 }, "'x' begins at an address that is no multiple of 4"),
          ] as [((inout CTensor) -> Void, String)] {
            var tensor = good
            change(&tensor)
            var outputs: UnsafeRawPointer?
            let result = withUnsafeBytes(of: &tensor) {
              callModel(model, nil, $0.baseAddress, 1, &outputs, nil)
            }
            #expect(result == 0)
            #expect(errorText.hasPrefix(sentence), "\(errorText)")
          }
          #expect(callModel(model, nil, nil, 2, nil, nil) == 0)
          #expect(errorText == "2 tensors, and no address")
          #expect(callModel(model, nil, nil, -1, nil, nil) == 0)
          try #require(errorText == "-1 tensors, and no address")
        }
      }
    }
  }
}
