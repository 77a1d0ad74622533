/// Something to be seen: what a model looked at, or what came of it.
///
/// A picture is shown in three ways: by characters in a terminal, as a file of its own, and as a part
/// of a page (``HTMLReport``).
public protocol Picture: Sendable {
  /// What it shows, in a few words; a page writes it above the picture.
  var caption: String { get }

  /// The picture as lines of characters that end in newlines, without the caption.
  ///
  /// - Parameters:
  ///   - color: whether to add ANSI colours (256-colour codes), which only add to what the characters
  ///     tell.
  ///   - width: the columns that the terminal has.
  func terminal(color: Bool, width: Int) -> String

  /// The picture as an SVG file, with its style inside: light or dark as the reader has it.
  func svg() -> String

  /// What stands for the picture on a page whose style is that of ``HTMLReport``.
  ///
  /// - Parameter id: a name that nothing else on the page has.
  func html(id: String) -> String
}

extension Picture {
  /// The picture in a terminal of 80 columns.
  public func terminal(color: Bool) -> String { terminal(color: color, width: 80) }

  /// The SVG itself.
  public func html(id: String) -> String { svg() }
}

/// A picture that is a drawing and nothing else, on a page too.
protocol DrawnPicture: Picture {
  func drawing() -> Drawing
}

extension DrawnPicture {
  func page() -> String { drawing().framed(caption: caption) }
}
