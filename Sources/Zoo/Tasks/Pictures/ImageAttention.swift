import Platform

/// An image with the places that a model looked at while it said each word about it.
public struct ImageAttention: Picture, Equatable {
  package let image: PixelImage
  /// The words in the order in which they were said.
  public let words: [String]
  /// Rows and columns of the grid of places.
  public let grid: (rows: Int, columns: Int)
  /// The weight of each place while a word was said, `[word][place]`, row by row of the grid, each from
  /// 0 to 1; those of a word sum to 1.
  public let weights: [[Float]]
  /// What it shows, in a few words.
  public var caption: String

  /// An image with weights for each word; sizes that don't belong together are a programming error and
  /// trap.
  ///
  /// - Parameters:
  ///   - width: pixels of a row.
  ///   - height: number of rows of pixels.
  ///   - pixels: red, green and blue, `[height, width, 3]`.
  ///   - words: what was said.
  ///   - grid: rows and columns of the places.
  ///   - weights: `[word][place]`
  public init(
    width: Int, height: Int, pixels: [UInt8], words: [String], grid: (rows: Int, columns: Int),
    weights: [[Float]], caption: String
  ) {
    require(
      width > 0 && height > 0 && pixels.count == 3 * width * height,
      "ImageAttention: \(pixels.count) numbers for \(width) x \(height) pixels")
    require(
      weights.count == words.count,
      "ImageAttention: weights of \(weights.count) words for \(words.count)")
    require(
      grid.rows > 0 && grid.columns > 0
        && weights.allSatisfy { $0.count == grid.rows * grid.columns },
      "ImageAttention: weights of \(weights.first?.count ?? 0) places for a grid of "
        + "\(grid.rows) x \(grid.columns)")
    image = PixelImage(width: width, height: height, pixels: pixels)
    self.words = words
    self.grid = grid
    self.weights = weights
    self.caption = caption
  }

  /// The same image, words and weights.
  public static func == (a: ImageAttention, b: ImageAttention) -> Bool {
    a.image == b.image && a.words == b.words && a.grid == b.grid && a.weights == b.weights
      && a.caption == b.caption
  }

  /// How much of its light each place keeps while a word is said, `[row][column]`: the place of the
  /// largest weight all, one without weight a fifth.
  package func light(of word: Int) -> [[Double]] {
    let shares = weights[word].map(intensity)
    let largest = shares.max() ?? 0
    let light = shares.map { largest > 0 ? 0.2 + 0.8 * $0 / largest : 1 }
    return (0..<grid.rows).map { row in
      Array(light[row * grid.columns..<(row + 1) * grid.columns])
    }
  }

  /// The place of the largest weight and its share in percent, as in `most at the top left, 34 %`.
  package func focus(of word: Int) -> String {
    let shares = weights[word].map(intensity)
    let most = shares.indices.max { shares[$0] < shares[$1] }!
    let (row, column) = (most / grid.columns, most % grid.columns)
    let vertical = ["top", "middle", "bottom"][3 * row / grid.rows]
    let horizontal = ["left", "middle", "right"][3 * column / grid.columns]
    let place = vertical == horizontal ? vertical : "\(vertical) \(horizontal)"
    return "most at the \(place), \(fixed(100 * shares[most], 0)) %"
  }

  /// For a reader who doesn't see it: where each word looks most.
  package var summary: String {
    ([caption] + words.indices.map { "\(isolated(words[$0])) looks \(focus(of: $0))" })
      .joined(separator: "; ")
  }
}
