import Autograd
import Testing

/// What is not a number prints as `nan`, whatever its sign and payload.
@Suite struct InterpolationTests {
  private static let doubles: [Double] = [
    .nan, -.nan, .signalingNaN, Double(nan: 5, signaling: false), -Double(nan: 1, signaling: true),
  ]
  private static let floats: [Float] = [
    .nan, -.nan, .signalingNaN, Float(nan: 5, signaling: false), -Float(nan: 1, signaling: true),
  ]

  private static func text<Scalar: FloatingPointScalar>(_ number: Scalar) -> String { "\(number)" }

  @Test func `in the package's texts`() {
    for number in Self.doubles { #expect("\(number)" == "nan" && Self.text(number) == "nan") }
    for number in Self.floats { #expect("\(number)" == "nan" && Self.text(number) == "nan") }
    #expect(
      "\(-Double.infinity) \(Float.infinity) \(0.1) \(Float(0.1)) \(-0.0)"
        == "-inf inf 0.1 0.1 -0.0")
    #expect(Self.text(Float(0.1)) == "0.1" && Self.text(1e300) == "1e+300")
  }

  @Test func `in a tensor's description`() {
    #expect(Tensor(Self.doubles).description == "[nan, nan, nan, nan, nan]")
    #expect(Tensor(Self.floats).description == "[nan, nan, nan, nan, nan]")
    #expect(Tensor<Double>([-.nan, 1, -.infinity]).description == "[nan, 1.0, -inf]")
    #expect("\(Tensor<Float>(-.nan))" == "nan")
    #expect(Tensor<Int32>([1, -2]).description == "[1, -2]")
    #expect(Tensor([true, false]).description == "[true, false]")
  }
}
