import Platform

/// Something in a file of tensors that is not as it must be: what was expected, what was found, and
/// where.
///
/// Prints as `weights.safetensors, tensor 'encoder.bias', byte 1208: expected ..., found ...`.
public struct TensorFileError: Error, Equatable, CustomStringConvertible {
  /// Where in which file.
  public struct Location: Equatable, Sendable {
    /// The file's path, if the bytes came from a file.
    public var file: String?
    /// The tensor's name, once it is known.
    public var tensor: String?
    /// The byte, counted from the start of the file.
    public var offset: Int?

    /// A place, as far as it is known.
    public init(file: String? = nil, tensor: String? = nil, offset: Int? = nil) {
      self.file = file
      self.tensor = tensor
      self.offset = offset
    }
  }

  /// Where it was found.
  public var location: Location
  /// What would have been right.
  public let expected: String
  /// What is there instead.
  public let found: String

  /// An error of one's own reader or adapter.
  public init(_ expected: String, found: String, at location: Location) {
    self.expected = expected
    self.found = found
    self.location = location
  }

  /// `FILE, tensor 'NAME', byte OFFSET: expected ..., found ...`.
  public var description: String {
    var place = [location.file.map(PrintableText.name) ?? "tensors"]
    if let tensor = location.tensor { place.append("tensor '\(PrintableText.name(tensor))'") }
    if let offset = location.offset { place.append("byte \(offset)") }
    let (expected, found) = (PrintableText.name(expected), PrintableText.name(found))
    return "\(place.joined(separator: ", ")): expected \(expected), found \(found)"
  }
}
