import Deflate
import Tasks

/// Pictures with what they show in words: what a captioner learns from.
///
/// ```swift
/// let emoji = try CaptionedPictures.emoji()
/// print(emoji.training.count, emoji.validation.count, emoji.test.count)  // 2864 383 386
/// ```
///
/// In a file: `FILE<TAB>CAPTION`, a picture a line, the files beside it (`RGBImage`). Captions are
/// divided by themselves, a tenth to be tested on and a tenth to choose by, so that no caption is both
/// learnt and tested; or a line says it, `SPLIT<TAB>FILE<TAB>CAPTION`, where the split is `train`,
/// `valid` or `test`.
public struct CaptionedPictures: Equatable, Sendable {
  /// A picture with its caption.
  public struct Example: Equatable, Sendable {
    /// What the picture is known by: its file, or the code points of an emoji (`1F44B 1F3FD`).
    public let source: String
    /// What it shows.
    public let caption: String
    /// The picture.
    public let image: RGBImage

    /// A picture with its caption.
    public init(source: String, caption: String, image: RGBImage) {
      self.source = source
      self.caption = caption
      self.image = image
    }
  }

  /// What an example is for.
  public enum Part: String, Sendable {
    /// To learn from.
    case training = "train"
    /// To choose the best epoch on.
    case validation = "valid"
    /// To measure with.
    case test

    /// The part of a caption, by the first byte of its SHA-256 digest: below 26 to be tested on, below
    /// 52 to choose by.
    public init(caption: String) {
      switch sha256(caption.utf8)[0] {
      case ..<26: self = .test
      case ..<52: self = .validation
      default: self = .training
      }
    }
  }

  /// Those to learn from.
  public private(set) var training: [Example] = []
  /// Those that the best epoch is chosen on.
  public private(set) var validation: [Example] = []
  /// Those to measure with.
  public private(set) var test: [Example] = []

  /// All of them.
  public var all: [Example] { training + validation + test }

  private mutating func add(_ example: Example, to part: Part) {
    switch part {
    case .training: training.append(example)
    case .validation: validation.append(example)
    case .test: test.append(example)
    }
  }

  /// Reads a file of pictures and captions.
  ///
  /// - Throws: `DataFileError` for a file that cannot be read or has no pictures, and for the first
  ///   malformed line or picture.
  public init(contentsOf path: String) throws(DataFileError) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    for line in try TextLines(contentsOf: path).lines {
      let fields = line.text.split(separator: "\t", omittingEmptySubsequences: false).map(
        String.init)
      guard (2...3).contains(fields.count),
        !fields.contains(where: { $0.allSatisfy(\.isWhitespace) })
      else {
        throw line.error(
          "expected FILE<TAB>CAPTION or SPLIT<TAB>FILE<TAB>CAPTION, found \(quoted(line.text))")
      }
      let (file, caption) = (fields[fields.count - 2], fields[fields.count - 1])
      let part = fields.count == 2 ? Part(caption: caption) : Part(rawValue: fields[0])
      guard let part else {
        throw line.error("expected train, valid or test, found \(quoted(fields[0]))")
      }
      let image = try RGBImage(contentsOf: file.hasPrefix("/") ? file : folder + file)
      add(Example(source: file, caption: caption, image: image), to: part)
    }
    if all.isEmpty { throw .empty(file: path, expected: "pictures with captions") }
  }

  /// Emoji of Noto Color Emoji as pictures of 32 x 32 pixels, with their English names (Unicode CLDR):
  /// 2,864 to learn from, 383 to choose by, and 386 to be tested on. No name is in two parts; many
  /// names of the test are new combinations of words that others have. They ship with this target.
  public static func emoji() throws(DataFileError) -> CaptionedPictures {
    func path(_ name: String) -> String { Resource.path("Emoji/\(name)", of: "Datasets") }
    let (names, pictures) = (path("emoji.tsv"), path("emoji32.rgb.u8.gz"))
    return try CaptionedPictures(
      emoji: TextLines(contentsOf: names), pictures: readBytes(pictures), file: pictures)
  }

  /// Parses names and pictures of emoji.
  ///
  /// - Parameters:
  ///   - names: a header, then lines `SPLIT<TAB>CODE POINTS<TAB>GROUP<TAB>SUBGROUP<TAB>NAME`.
  ///   - pictures: gzip of 32 x 32 pixels of red, green and blue for each line.
  ///   - file: how errors name the pictures.
  init(emoji names: TextLines, pictures: [UInt8], file: String) throws(DataFileError) {
    let size = 32
    let bytes = 3 * size * size
    let lines = names.lines.dropFirst()
    let pixels: [UInt8]
    do throws(Inflate.Failure) {
      pixels = try Inflate.gzip(pictures, limit: bytes * lines.count)
    } catch {
      throw .invalid(file: file, problem: error.problem)
    }
    if pixels.count != bytes * lines.count {
      throw .invalid(
        file: file,
        problem:
          "\(pixels.count) bytes are not the \(bytes * lines.count) of \(lines.count) pictures"
      )
    }
    for (index, line) in lines.enumerated() {
      let fields = line.text.split(separator: "\t", omittingEmptySubsequences: false).map(
        String.init)
      guard fields.count == 5, let part = Part(rawValue: fields[0]) else {
        throw line.error("expected split, code points, group, subgroup and name")
      }
      let image = RGBImage(
        width: size, height: size, pixels: Array(pixels[index * bytes..<(index + 1) * bytes]))
      add(Example(source: fields[1], caption: fields[4], image: image), to: part)
    }
  }
}
