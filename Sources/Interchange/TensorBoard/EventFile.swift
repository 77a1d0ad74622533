import Deflate
import Interchange
import Platform
import Training

/// A file of TensorBoard's events, which grows by a record at a time: its length, the check of that, an
/// event, the check of that (TFRecord).
struct EventFile: ~Copyable {
  /// Bytes of a record before and after its event.
  private static let (head, tail) = (12, 4)

  private let path: String
  private let file: FileDescriptor

  /// Opens a file, or makes it.
  ///
  /// - Parameters:
  ///   - path: the file; what it holds is replaced.
  ///   - step: the last step whose events are kept of an existing file, in place of none.
  ///   - time: seconds since 1970 began.
  init(_ path: String, keepingTo step: Int?, time: Double) throws(FileError) {
    var kept = 0
    if let step, FileSystem.exists(path) { kept = Self.length(of: try readFile(path), to: step) }
    if kept == 0 {
      var version = ProtobufMessage()
      version.add(1, time)
      version.add(3, "brain.Event:2")
      try AtomicFile.write(Self.record(version), to: path)
    }
    let file = try FileError.wrapping(path, .open) { () throws(SystemError) in
      try FileDescriptor(path, for: .appending)
    }
    if kept > 0 {
      try FileError.wrapping(path, .write) { () throws(SystemError) in
        try file.truncate(to: kept)
      }
    }
    self.path = path
    self.file = file
  }

  /// Writes an event in one call of the system, so that who reads along never finds half of it.
  mutating func append(_ event: ProtobufMessage) throws(FileError) {
    let record = Self.record(event)
    try FileError.wrapping(path, .write) { () throws(SystemError) in try file.write(record) }
  }

  private static func record(_ event: ProtobufMessage) -> [UInt8] {
    var content: [UInt8] = []
    for piece in event.finish() { content += piece }
    let length = bytes(UInt64(content.count))
    return length + check(length) + content + check(content)
  }

  /// The check of some bytes, stirred, as checks of what holds checks are weak.
  private static func check(_ content: [UInt8]) -> [UInt8] {
    let sum = CRC32(content[...], .castagnoli).value
    return bytes((sum >> 15 | sum << 17) &+ 0xA282_EAD8)
  }

  /// The lowest byte first.
  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// The length of a file up to the first event of a later step, or the first that is not whole.
  private static func length(of file: [UInt8], to step: Int) -> Int {
    var end = 0
    while file.count - end >= head + tail {
      let length = file[end..<end + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard length <= UInt64(file.count - end - head - tail) else { break }
      let event = file[end + head..<end + head + Int(length)]
      let whole = Array(event)
      guard check(whole) == Array(file[event.endIndex..<event.endIndex + tail]),
        Self.step(of: whole) <= step
      else { break }
      end = event.endIndex + tail
    }
    return end
  }

  /// The step of an event of this file: its second field, after the time; without it 0.
  private static func step(of event: [UInt8]) -> Int {
    guard event.count > 9, event[9] == 2 << 3 else { return 0 }
    var step: UInt64 = 0
    for (index, byte) in event.dropFirst(10).prefix(9).enumerated() {
      step |= UInt64(byte & 0x7F) << (7 * index)
      if byte & 0x80 == 0 { break }
    }
    return Int(truncatingIfNeeded: step)
  }
}
