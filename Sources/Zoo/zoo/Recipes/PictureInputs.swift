import Datasets
import Platform

/// What the command line can name a picture by: its file; or one of the emoji that ship, by the sign
/// itself, its code points, or its name.
package enum PictureInputs {
  /// The pictures of inputs.
  ///
  /// - Throws: `InputError` for an input that names none.
  package static func images(_ inputs: [String]) throws -> [RGBImage] {
    // Read where the first emoji is asked for.
    var table: [String: RGBImage]?
    return try inputs.enumerated().map { index, input in
      if FileSystem.isReadable(input) {
        do {
          return try RGBImage(contentsOf: input)
        } catch {
          throw InputError(index: index, reason: "\(error)")
        }
      }
      let emoji = try table ?? names()
      table = emoji
      guard let image = keys(input).lazy.compactMap({ emoji[$0] }).first else {
        throw InputError(
          index: index,
          reason: "\"\(input)\" is neither a file with a picture nor the sign, the code points or "
            + "the name of an emoji")
      }
      return image
    }
  }

  /// The emoji by code points and by name.
  private static func names() throws -> [String: RGBImage] {
    let pairs = try CaptionedPictures.emoji().all.flatMap {
      [(codePoints($0.source.split(separator: " ").map(String.init)), $0.image)]
        + [($0.caption.lowercased(), $0.image)]
    }
    return Dictionary(pairs) { first, _ in first }
  }

  /// What an input may be known by: a name, code points, or signs.
  private static func keys(_ input: String) -> [String] {
    let parts = input.uppercased().split(separator: " ").map {
      $0.hasPrefix("U+") ? String($0.dropFirst(2)) : String($0)
    }
    return [
      input.lowercased(), codePoints(parts),
      codePoints(input.unicodeScalars.map { String($0.value, radix: 16, uppercase: true) }),
    ]
  }

  /// Code points without the one that asks for the coloured form, as all of these have it.
  private static func codePoints(_ parts: [String]) -> String {
    parts.map { String(repeating: "0", count: Swift.max(0, 4 - $0.count)) + $0 }
      .filter { $0 != "FE0F" }.joined(separator: " ")
  }
}
