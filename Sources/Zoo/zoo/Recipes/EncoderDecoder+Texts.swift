import Autograd
import Layers
import Sequences
import Training

// Between texts and the numbers that a model reads and says.

extension EncoderDecoder {
  /// A source text as the model reads it.
  struct Source {
    /// The numbers of its tokens.
    var symbols: [Int32]
    /// The same tokens as target symbols, for a model that copies them: what the target's vocabulary
    /// lacks has the number of its place in `ownTokens`, from the vocabulary's size on.
    var copies: [Int32]
    /// The tokens that the target's vocabulary lacks, each once.
    var ownTokens: [String]
  }

  /// What the model says to a source text.
  struct Said {
    var source: Source
    var hypothesis: SequenceHypothesis
    /// What the symbols stand for.
    var tokens: [String]
    var text: String
  }

  /// A source text as the model reads it.
  func read(_ text: String) -> Source {
    let tokens = sourceCodec.tokens(of: text)
    var source = Source(symbols: sourceCodec.vocabulary.encode(tokens), copies: [], ownTokens: [])
    if !Model.copiesWords { return source }
    var numbers: [String: Int32] = [:]
    source.copies = tokens.map { token in
      if targetCodec.vocabulary.contains(token) { return targetCodec.vocabulary[token] }
      if let number = numbers[token] { return number }
      let number = Int32(targetCodec.vocabulary.count + source.ownTokens.count)
      numbers[token] = number
      source.ownTokens.append(token)
      return number
    }
    return source
  }

  /// The numbers of a target text's tokens, in which the source's own tokens have theirs.
  func encode(_ target: String, for source: Source) -> [Int32] {
    let vocabulary = targetCodec.vocabulary
    return targetCodec.tokens(of: target).map { token in
      if vocabulary.contains(token) { return vocabulary[token] }
      return source.ownTokens.firstIndex(of: token).map { Int32(vocabulary.count + $0) }
        ?? vocabulary[token]
    }
  }

  /// What symbols of the model stand for.
  private func said(_ hypothesis: SequenceHypothesis, to source: Source) -> Said {
    let size = targetCodec.vocabulary.count
    let tokens = hypothesis.symbols.map { symbol in
      Int(symbol) < size
        ? targetCodec.vocabulary.token(symbol) : source.ownTokens[Int(symbol) - size]
    }
    return Said(
      source: source, hypothesis: hypothesis, tokens: tokens, text: targetCodec.text(of: tokens))
  }

  /// What the model makes of each source; nil where a character of a word is not known.
  func said(to texts: [String], beam: Int) throws -> [Said?] {
    let sources = texts.map { text in
      settings.task == .pronunciation && sourceCodec.unknownToken(in: text) != nil
        ? nil : read(text)
    }
    let known = sources.indices.filter { sources[$0].map { !$0.symbols.isEmpty } ?? false }
    let knownSources = known.map { sources[$0]! }
    let found = try divided(knownSources) { try hypotheses(of: $0, beam: beam) }
    var result = [Said?](repeating: nil, count: texts.count)
    for (index, (source, hypothesis)) in zip(known, zip(knownSources, found)) {
      result[index] = said(hypothesis, to: source)
    }
    return result
  }

  /// What the model finds for each source.
  private func hypotheses(of sources: [Source], beam: Int) throws -> [SequenceHypothesis] {
    var result = [SequenceHypothesis?](repeating: nil, count: sources.count)
    for batch in Batches.sorted(lengths: sources.map(\.symbols.count), batchSize: 256) {
      try Interrupt.check()
      let rows = batch.map { sources[$0] }
      let found = withoutGradient {
        model.hypotheses(
          rows.map(\.symbols), copies: rows.map(\.copies), width: beam,
          limit: limit(rows.last!.symbols.count),
          lengthPenalty: LengthPenalty(exponent: settings.lengthPower))
      }
      for (position, hypothesis) in zip(batch, found) { result[position] = hypothesis }
    }
    return result.map { $0! }
  }

  /// The most symbols that a target is given for the longest of some sources.
  private func limit(_ longest: Int) -> Int {
    switch settings.task {
    // The longest pronunciation in CMUdict has 32 phonemes.
    case .pronunciation: 40
    case .translation: 2 * longest + 10
    case .summary: 2 * longest + 30
    }
  }
}
