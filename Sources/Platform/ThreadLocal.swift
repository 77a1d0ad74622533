#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A place for one address that each thread has for itself; nil at first.
@usableFromInline
package struct ThreadLocal: Sendable {
  @usableFromInline let key: pthread_key_t

  /// - Parameter end: gets the address, unless it is nil, when a thread ends.
  package init(atThreadsEnd end: (@convention(c) (UnsafeMutableRawPointer) -> Void)? = nil) {
    var key = pthread_key_t()
    #if canImport(Darwin)
      let status = pthread_key_create(&key, end)
    #else
      // The same call in machine code: what is nil is not handed on.
      typealias End = @convention(c) (UnsafeMutableRawPointer?) -> Void
      let status = pthread_key_create(&key, unsafeBitCast(end, to: End?.self))
    #endif
    guard status == 0 else {
      fatalError("no thread-specific memory is left: pthread_key_create gave \(status)")
    }
    self.key = key
  }

  /// The calling thread's address.
  @inlinable @inline(__always)
  package var address: UnsafeMutableRawPointer? {
    get { pthread_getspecific(key) }
    nonmutating set { pthread_setspecific(key, newValue) }
  }
}
