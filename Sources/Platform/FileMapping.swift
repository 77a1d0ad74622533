#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file's bytes as memory: what nobody looks at is not read, and what was looked at can be let go.
///
/// Whoever shortens the file meanwhile takes bytes away that are here to be seen, and the next look at
/// them ends the program; a file that is replaced by another one (`FileSystem.rename`) stays.
package final class FileMapping: Sendable {
  private let address: UInt
  /// Number of bytes.
  package let count: Int

  /// Maps the first bytes of a file.
  ///
  /// - Parameter count: at least 1, and not more than the file has.
  package init(_ file: borrowing FileDescriptor, count: Int) throws(SystemError) {
    let memory = mmap(nil, count, PROT_READ, MAP_PRIVATE, file.number, 0)
    guard let memory, memory != MAP_FAILED else { throw .last }
    address = UInt(bitPattern: memory)
    self.count = count
  }

  deinit { munmap(UnsafeMutableRawPointer(bitPattern: address), count) }

  /// The bytes, for as long as the mapping is there.
  package var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count)
  }

  /// Gives the memory of the pages that lie wholly in a range back to the system. The bytes stay, and
  /// are read again when somebody looks at them.
  package func release(_ range: Range<Int>) {
    let page = SystemMemory.pageSize
    let start = (range.lowerBound + page - 1) / page * page
    // The last page of the file is filled up by zeros, which nobody looks at.
    let end = range.upperBound == count ? count : range.upperBound / page * page
    if start < end {
      madvise(
        UnsafeMutableRawPointer(bitPattern: address + UInt(start)), end - start, MADV_DONTNEED)
    }
  }
}
