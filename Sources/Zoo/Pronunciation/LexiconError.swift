import Platform

/// Why a word list could not be read: which file, where in it, what was expected and what was found.
public struct LexiconError: Error, Equatable, CustomStringConvertible {
  /// What is wrong with the file.
  public enum Problem: Equatable, Sendable {
    /// There is no such file.
    case missing
    /// The file exists and cannot be read; the operating system's reason.
    case unreadable(reason: String)
    /// A line, counted from 1, holds bytes that are not UTF-8.
    case notUTF8(line: Int)
    /// The file holds no word at all.
    case empty
    /// A line, counted from 1, does not have the form that its format asks for.
    case malformed(line: Int, expected: String, found: String)
  }

  /// The file as the caller named it.
  public let file: String
  /// What is wrong with it.
  public let problem: Problem

  /// An error about `file`.
  public init(file: String, problem: Problem) {
    self.file = file
    self.problem = problem
  }

  /// One sentence without a full stop, such as
  /// `words.tsv, line 3: expected WORD<TAB>PH PH PH, found "hello"`.
  public var description: String { PrintableText.sentence(text) }

  private var text: String {
    switch problem {
    case .missing:
      "\(file): expected a word list, found no such file"
    case .unreadable(let reason):
      "\(file): the word list cannot be read: \(reason)"
    case .notUTF8(let line):
      "\(file), line \(line): expected UTF-8 text, found bytes that are not UTF-8"
    case .empty:
      "\(file): expected at least one word with its pronunciation, found none"
    case .malformed(let line, let expected, let found):
      "\(file), line \(line): expected \(expected), found \(found)"
    }
  }
}
