public import Autograd
public import Layers
public import Sequences

extension ShowAttendTell {
  /// What is made small in training: the mean over captions of the negative log-probability of all
  /// their words, with the doubly stochastic term in soft attention (equation 14), or with reward
  /// and entropy of drawn places in hard attention (equation 12).
  ///
  /// - Parameters:
  ///   - smoothing: share of the target that is spread evenly over all words.
  ///   - generator: what places are drawn from in hard attention.
  /// - Returns: one number.
  public func loss(
    _ batch: CaptionBatch<Scalar>, smoothing: Scalar = 0, using generator: inout Generator
  ) -> Tensor<Scalar> {
    switch configuration.glance {
    case .soft:
      let (logits, weights) = self(batch.pictures, batch.input)
      let loss = captionLoss(logits, batch.labels, smoothing)
      if configuration.coverage == 0 { return loss }
      return loss
        + doublyStochasticLoss(weights, lengths: batch.lengths) * Scalar(configuration.coverage)
    case .hard:
      let choice = drawing(batch, using: &generator)
      let (loss, rewards) = hardLoss(batch, smoothing: smoothing, at: choice)
      followBaseline(rewards)
      return loss
    }
  }

  /// The mean over captions of the negative log-probability of all their words.
  func captionLoss(
    _ logits: Tensor<Scalar>, _ labels: Tensor<Int32>, _ smoothing: Scalar
  ) -> Tensor<Scalar> {
    crossEntropyLoss(
      logits, labels, ignoring: Int(SequenceSymbol.padding), smoothing: smoothing,
      reduction: .batchMean)
  }

  /// Captions of pictures by beam search; see `BeamSearch`.
  ///
  /// - Parameters:
  ///   - pictures: `[batch, 3, size, size]`
  ///   - width: number of beginnings that are followed; 1 is greedy.
  ///   - limit: the most words that a caption can have.
  ///   - lengthPenalty: how captions of different lengths are compared.
  /// - Returns: for each picture from 1 to `width` captions, the best first. A model whose weights
  ///   are not finite says nothing, with a log-probability of minus infinity.
  public func captions(
    _ pictures: Tensor<Scalar>, width: Int = 1, limit: Int, lengthPenalty: LengthPenalty = .none
  ) -> [[SequenceHypothesis]] {
    if pictures.shape[0] == 0 { return [] }
    let (memory, first) = annotate(pictures)
    return beamSearch(
      sources: pictures.shape[0], width: width, limit: limit, lengthPenalty: lengthPenalty,
      state: first, memory: memory
    ) { words, state, memory in
      let embedded = embedding(words)
      let next = step(embedded, state, memory, look: glance)
      state = next.state
      return logSoftmax(logits(embedded, next.state.hidden, next.context), axis: 1)
    }
  }

  /// What the decoder looks at while it says a caption.
  ///
  /// - Parameters:
  ///   - picture: `[3, size, size]`
  ///   - symbols: the caption, without start and end.
  /// - Returns: a row for each word; its columns are the places, row by row of a grid of
  ///   `configuration.gridSize`.
  public func attentionHead(_ picture: Tensor<Scalar>, _ symbols: [Int32]) -> AttentionHead {
    let input = padded([[SequenceSymbol.start] + symbols])
    let weights = self(picture.unsqueezed(axis: 0), input).weights.selected(axis: 0, at: 0)
    return AttentionHead(
      layer: "decoder", queries: .target, keys: .source,
      weights: weights.narrowed(axis: 0, to: 0..<symbols.count))
  }
}
