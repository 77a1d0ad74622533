struct Encoder: Layer {
  init(_ configuration: Int, using generator: inout Generator) {}
}
let configuration = 1
