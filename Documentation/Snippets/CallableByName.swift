// file
struct Elman<Scalar: FloatingPointScalar>: ConfiguredModel {
  struct Configuration: Codable, Hashable, Sendable {}
  let configuration: Configuration

  init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
    self.configuration = configuration
  }

  static func contradiction(in configuration: Configuration) -> String? { nil }

  func callAsFunction(_ x: Tensor<Scalar>, lengths: [Int]?) -> Tensor<Scalar> { x }
}
