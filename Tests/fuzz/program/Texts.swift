import DataFiles
import Foundation
import Pronunciation
import Tasks

extension Target {
  /// Texts, vocabularies and lists of words.
  static let texts = [
    Target("lines") { bytes in
      _ = attempt { try TextLines(bytes, file: "f") }
      _ = attempt { try TextLines(bytes, file: "f", keepsBlank: true) }
    },
    Target("vocabulary") { bytes in
      guard let vocabulary = attempt({ try Vocabulary(bytes: bytes, file: "f") }) else { return }
      let again = attempt { try Vocabulary(bytes: Array(vocabulary.text.utf8)) }
      expect(again == vocabulary, "another vocabulary")
    },
    Target("merges") { bytes in
      // Up to a byte of 0 the merges, then a text.
      let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
      let merges = attempt { try BytePairEncoding(bytes: Array(parts[0]), file: "f") }
      guard let merges else { return }
      let again = attempt { try BytePairEncoding(bytes: Array(merges.text.utf8)) }
      expect(again == merges, "other merges")
      let text = String(decoding: parts.count > 1 ? parts[1].prefix(200) : [], as: UTF8.self)
      _ = merges.text(of: merges.tokens(of: text))
    },
    Target("word-pieces") { bytes in
      // Up to a byte of 0 the pieces, then a text.
      let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
      let marks = Array("[PAD]\n[UNK]\n[CLS]\n[SEP]\n".utf8)
      let pieces = attempt { try WordPiece(bytes: marks + parts[0], file: "f") }
      _ = attempt { try WordPiece(bytes: bytes, file: "f") }
      guard let pieces else { return }
      let text = String(decoding: parts.count > 1 ? parts[1] : [], as: UTF8.self)
      let numbers = pieces.numbers(of: text)
      expect(numbers.allSatisfy { pieces.pieces.indices.contains(Int($0)) }, "a number of no piece")
      expect(pieces.tokens(of: text).count == numbers.count - 2, "another number of pieces")
      _ = pieces.text(of: pieces.tokens(of: text))
    },
    Target("lexicon") { bytes in
      for format in [nil, LexiconFormat.cmuDictionary, .wordList] {
        _ = attempt { try Lexicon(parsing: bytes, file: "f", format: format) }
      }
    },
    Target("codec") { bytes in
      let codec = attempt { try JSONDecoder().decode(TextCodec.self, from: Data(bytes)) }
      guard let codec else { return }
      _ = codec.text(of: codec.tokens(codec.encode("one small STEP")))
    },
  ]
}
