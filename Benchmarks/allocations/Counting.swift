import Synchronization

// The package's manifest tells the linker that `malloc` is this function, so every call of any
// library in the process comes by.

private let calls = Atomic<Int>(0)

@_silgen_name("__libc_malloc")
private func libraryMalloc(_ byteCount: Int) -> UnsafeMutableRawPointer?

/// Counts, and lets the C library do the work.
@c(tapestry_counted_malloc)
public func countedMalloc(_ byteCount: Int) -> UnsafeMutableRawPointer? {
  calls.add(1, ordering: .relaxed)
  return libraryMalloc(byteCount)
}

/// How often `malloc` was called while the body ran, on any thread.
func allocations(of body: () -> Void) -> Int {
  let before = calls.load(ordering: .relaxed)
  body()
  return calls.load(ordering: .relaxed) - before
}
