import Foundation
import Testing

/// Memory with a page without access on both sides: who reads or writes there ends the program.
final class GuardedRoom {
  /// Where a buffer lies.
  enum Place {
    /// Right behind the first page without access, or so many elements further on.
    case start(elements: Int)
    /// So that it ends where the second one begins.
    case end
  }

  /// What surrounds a buffer, and must stay.
  private static let filler: UInt8 = 0xA5
  private static let margin = 128

  private let page = Int(getpagesize())
  private let memory: UnsafeMutableRawPointer
  private let room: UnsafeMutableRawBufferPointer
  private var used = 0..<0

  /// - Parameter byteCount: of the largest buffer, with what lies before it.
  init(_ byteCount: Int) {
    let pages = (byteCount + page - 1) / page * page
    memory = mmap(
      nil, pages + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
    room = .init(start: memory + page, count: pages)
    mprotect(room.baseAddress!, pages, PROT_READ | PROT_WRITE)
  }

  deinit { munmap(memory, room.count + 2 * page) }

  /// Puts elements at a place, and the filler around them.
  func put<Element: BitwiseCopyable>(
    _ elements: [Element], at place: Place
  ) -> UnsafeMutableRawPointer {
    let size = elements.count * MemoryLayout<Element>.stride
    let start =
      switch place {
      case .start(let offset): offset * MemoryLayout<Element>.stride
      case .end: room.count - size
      }
    used = start..<(start + size)
    for side in margins { side.initializeMemory(as: UInt8.self, repeating: Self.filler) }
    elements.withUnsafeBytes { bytes in
      if !bytes.isEmpty {
        (room.baseAddress! + start).copyMemory(from: bytes.baseAddress!, byteCount: size)
      }
    }
    return room.baseAddress! + start
  }

  /// The bytes of the buffer as they are now.
  var content: [UInt8] { Array(room[used]) }

  /// Whether nothing was written beside the buffer.
  var isIntact: Bool { margins.allSatisfy { $0.allSatisfy { $0 == Self.filler } } }

  private var margins: [UnsafeMutableRawBufferPointer] {
    [
      .init(rebasing: room[max(0, used.lowerBound - Self.margin)..<used.lowerBound]),
      .init(rebasing: room[used.upperBound..<min(room.count, used.upperBound + Self.margin)]),
    ]
  }
}
