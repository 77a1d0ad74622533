/// The weights that come with the program.
enum ShippedWeights {
  /// Path of the weights that `zoo pronounce` and `zoo evaluate` use without `--weights`.
  static func path() throws -> String {
    throw UsageError("needs weights: --weights FILE, as `zoo train seq2seq` writes them")
  }
}
