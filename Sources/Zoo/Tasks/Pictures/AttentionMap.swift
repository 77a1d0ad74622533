import Platform

/// What a model looked at for each of its outputs: letters for phonemes, words for words, frames for
/// letters.
public struct AttentionMap: DrawnPicture, Equatable {
  /// The inputs in reading order: letters, whole words, or times. Empty ones are not labelled.
  public let sources: [String]
  /// The outputs in the order in which they were made.
  public let outputs: [String]
  /// The attention weights, `[output, source]`, each from 0 to 1; a row sums to 1.
  public let weights: [[Float]]
  /// What it shows, in a few words.
  public var caption: String

  /// A map with one row of weights for each output and one column for each source; other sizes are
  /// a programming error and trap.
  public init(sources: [String], outputs: [String], weights: [[Float]], caption: String) {
    require(
      weights.count == outputs.count,
      "AttentionMap: \(weights.count) rows of weights for \(outputs.count) outputs")
    for (output, row) in zip(outputs, weights) {
      require(
        row.count == sources.count,
        "AttentionMap: the row of \(output) has \(row.count) weights for \(sources.count) sources")
    }
    self.sources = sources
    self.outputs = outputs
    self.weights = weights
    self.caption = caption
  }

  /// The mean of maps with the same sources and outputs, such as the heads of a layer; others are a
  /// programming error and trap.
  public init(meanOf maps: [AttentionMap], caption: String) {
    guard let first = maps.first else { fatalError("AttentionMap: the mean of no maps") }
    require(
      maps.allSatisfy { $0.sources == first.sources && $0.outputs == first.outputs },
      "AttentionMap: the mean of maps whose sources or outputs differ")
    let mean = first.outputs.indices.map { row in
      first.sources.indices.map { column in
        maps.reduce(0) { $0 + $1.weights[row][column] } / Float(maps.count)
      }
    }
    self.init(sources: first.sources, outputs: first.outputs, weights: mean, caption: caption)
  }

  /// How strongly each weight is drawn, `[output, source]`, from 0 to 1: the weight itself, but where
  /// none reaches a half (attention that is spread over many sources), as a share of the largest one.
  var strengths: [[Double]] {
    let shares = weights.map { $0.map(intensity) }
    let largest = shares.joined().max() ?? 0
    guard largest > 0, largest < 0.5 else { return shares }
    return shares.map { $0.map { $0 / largest } }
  }

  /// For a reader who doesn't see the map: what each output looks at most.
  var summary: String {
    let described = 40
    let looks = zip(outputs, weights).prefix(described).compactMap { output, row -> String? in
      let shares = row.map(intensity)
      guard let most = shares.indices.max(by: { shares[$0] < shares[$1] }) else { return nil }
      return "\(isolated(output)) looks most at \(isolated(sources[most])), "
        + "\(fixed(100 * shares[most], 0)) %"
    }
    let rest = outputs.count > described ? ["and so on"] : []
    return ([caption] + looks + rest).joined(separator: "; ")
  }

  /// The map as an SVG file.
  public func svg() -> String { drawing().standalone }

  /// The map in a frame in which it scrolls where it is wider than the page.
  public func html(id: String) -> String { page() }
}
