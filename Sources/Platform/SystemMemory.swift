#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Memory as the C library and the system give it.
@usableFromInline
package enum SystemMemory {
  /// Bytes of a page.
  package static let pageSize = Int(sysconf(CInt(_SC_PAGESIZE)))

  /// Bytes of all memory of the machine.
  package static var physicalBytes: Int { Int(sysconf(CInt(_SC_PHYS_PAGES))) * pageSize }

  // MARK: The C library's

  /// Memory for any type of C; ends the program where there is none.
  @inlinable @inline(__always)
  package static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer { malloc(byteCount)! }

  /// Memory at a multiple of `alignment`, a power of two; nil where there is none.
  package static func allocate(_ byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    var address: UnsafeMutableRawPointer?
    return posix_memalign(&address, alignment, byteCount) == 0 ? address : nil
  }

  /// Takes back what either of the functions above gave.
  @inlinable @inline(__always)
  package static func deallocate(_ address: UnsafeMutableRawPointer) { free(address) }

  /// Gives what the C library keeps for later back to the system, where it can be told to.
  package static func trim() {
    #if canImport(Glibc)
      _ = trimLibrary(0)
    #endif
  }

  // MARK: The system's

  /// Addresses that read as zeros until they are written, and of which none counts before it is
  /// used; nil where the system gives none.
  package static func reserve(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    #if canImport(Darwin)
      let flags = MAP_PRIVATE | MAP_ANON | MAP_NORESERVE
    #else
      let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    #endif
    let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0)
    return memory == MAP_FAILED ? nil : memory
  }

  /// Gives the memory of reserved addresses, whole pages, back to the system; the addresses stay.
  package static func release(_ address: UInt, _ byteCount: Int) {
    #if canImport(Darwin)
      // There MADV_DONTNEED lets nothing go.
      let advice = MADV_FREE
    #else
      let advice = MADV_DONTNEED
    #endif
    madvise(UnsafeMutableRawPointer(bitPattern: address), byteCount, advice)
  }

  /// Asks for huge pages, where the system takes such wishes.
  package static func adviseHugePages(_ address: UInt, _ byteCount: Int) {
    #if os(Linux)
      madvise(UnsafeMutableRawPointer(bitPattern: address), byteCount, MADV_HUGEPAGE)
    #endif
  }
}

#if canImport(Glibc)
  // The header with it is not among those that Swift sees.
  @_silgen_name("malloc_trim")
  private func trimLibrary(_ padding: Int) -> CInt
#endif
