import Pronunciation

/// The weights that come with the program: `Seq2Seq` with additive attention, trained as the
/// README tells, on words that the published test does not have.
enum ShippedWeights {
  /// Path of the weights that `zoo pronounce` and `zoo evaluate` use without `--weights`.
  static var path: String { Resource.path("Weights/seq2seq.safetensors") }
}
