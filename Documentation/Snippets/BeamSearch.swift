struct Decoder {
  func step(
    _ symbols: Tensor<Int32>, _ state: Tensor<Float>, _ memory: Tensor<Float>
  ) -> Tensor<Float> { state }
  func output(_ state: Tensor<Float>) -> Tensor<Float> { state }
}
let (model, first) = (Decoder(), state)
