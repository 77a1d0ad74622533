// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// Stands for the files of `Kernels` that need threads: one thread, and memory that is never freed.

public enum Threads {
  public static var count: Int { 1 }

  public static func parallel(_ chunks: Int, _ body: (Int) -> Void) {
    for chunk in 0..<chunks { body(chunk) }
  }
}

@usableFromInline
package struct ThreadScratch: Sendable {
  @usableFromInline static let packing = ThreadScratch()
  @usableFromInline static let turning = ThreadScratch()

  @usableFromInline
  package func numbers<Stored: StoredScalar>(
    _ count: Int, _: Stored.Type
  ) -> UnsafeMutablePointer<Stored> {
    UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Stored>.stride, alignment: 64
    ).assumingMemoryBound(to: Stored.self)
  }
}

/// Embedded Swift has none, and does not ask for it where it has vectors.
public protocol Codable {}
extension Float: Codable {}
extension Double: Codable {}
