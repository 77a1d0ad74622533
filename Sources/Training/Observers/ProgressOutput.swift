import Platform

/// Where a progress line goes.
public struct ProgressOutput {
  /// Whether a line can be redrawn there.
  public let isTerminal: Bool
  /// The number of columns; asked at each redrawing, since a window may change its size.
  public let width: () -> Int
  /// Takes text.
  public let write: (String) -> Void

  /// An output of one's own.
  public init(
    isTerminal: Bool, width: @escaping () -> Int = { 80 }, write: @escaping (String) -> Void
  ) {
    self.isTerminal = isTerminal
    self.width = width
    self.write = write
  }

  /// Standard error, so that results on standard output can be piped on.
  ///
  /// It counts as a terminal if it is one that understands control sequences.
  public static var standardError: ProgressOutput {
    let isDumb = EnvironmentVariables["TERM"].map { $0 == "dumb" } ?? true
    return ProgressOutput(
      isTerminal: StandardStream.error.isTerminal && !isDumb,
      width: { StandardStream.error.columns ?? 80 },
      write: { text in
        // Not being able to report progress is no reason to end a training.
        try? StandardStream.error.write(text)
      })
  }
}
