import Autograd

/// A name with gaps: `*` stands for a part of a name without dots, `**` for any part, neither for
/// nothing.
package struct NamePattern: Sendable {
  private enum Piece: Sendable {
    case text(String)
    /// `*`
    case word
    /// `**`
    case path
  }

  /// What has filled the gaps of a pattern, each kind in its order.
  package struct Filling {
    fileprivate var words: [Substring] = []
    fileprivate var paths: [Substring] = []
  }

  /// The pattern as it was written.
  package let text: String
  private let pieces: [Piece]

  package init(_ text: String) {
    if text.isEmpty { trap("names: a pattern is empty") }
    self.text = text
    var pieces: [Piece] = []
    var rest = text[...]
    while let star = rest.firstIndex(of: "*") {
      if star > rest.startIndex { pieces.append(.text(String(rest[..<star]))) }
      rest = rest[star...]
      let stars = rest.prefix { $0 == "*" }.count
      if stars > 2 { trap("names: '\(text)' has \(stars) stars beside each other") }
      pieces.append(stars == 2 ? .path : .word)
      rest = rest.dropFirst(stars)
    }
    if !rest.isEmpty { pieces.append(.text(String(rest))) }
    self.pieces = pieces
  }

  /// Gaps for words, and for paths.
  private var gaps: (words: Int, paths: Int) {
    pieces.reduce(into: (0, 0)) { count, piece in
      switch piece {
      case .text: break
      case .word: count.words += 1
      case .path: count.paths += 1
      }
    }
  }

  /// Traps unless what fills this pattern fills the other one as well: the same gaps, so that no name is
  /// lost, and of two none becomes one.
  func expectGaps(of other: NamePattern) {
    if gaps != other.gaps {
      trap("names: '\(text)' and '\(other.text)' have not the same number of '*' and '**'")
    }
  }

  /// What fills the gaps, so that the pattern is the name; the shortest parts first; nil where nothing
  /// does.
  package func match(_ name: String) -> Filling? { Self.match(pieces[...], name[...]) }

  private static func match(_ pieces: ArraySlice<Piece>, _ name: Substring) -> Filling? {
    guard let first = pieces.first else { return name.isEmpty ? Filling() : nil }
    let rest = pieces.dropFirst()
    if case .text(let text) = first {
      return name.hasPrefix(text) ? match(rest, name.dropFirst(text.count)) : nil
    }
    let isPath = if case .path = first { true } else { false }
    var end = name.startIndex
    while end < name.endIndex, isPath || name[end] != "." {
      end = name.index(after: end)
      guard var filling = match(rest, name[end...]) else { continue }
      let part = name[..<end]
      if isPath { filling.paths.insert(part, at: 0) } else { filling.words.insert(part, at: 0) }
      return filling
    }
    return nil
  }

  /// The name that the pattern is with its gaps filled.
  func filled(with filling: Filling) -> String {
    var (words, paths) = (filling.words[...], filling.paths[...])
    return pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .word: String(words.removeFirst())
      case .path: String(paths.removeFirst())
      }
    }.joined()
  }
}
