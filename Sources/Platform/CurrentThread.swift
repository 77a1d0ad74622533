#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The thread that runs.
@usableFromInline
package enum CurrentThread {
  /// A number that no other living thread has.
  @inlinable @inline(__always)
  package static var number: UInt {
    #if canImport(Glibc)
      UInt(pthread_self())
    #else
      UInt(bitPattern: pthread_self())
    #endif
  }

  /// Offers the processor to another thread.
  package static func yield() { sched_yield() }

  /// Waits; a signal may end it sooner.
  package static func sleep(seconds: Double) { usleep(UInt32(seconds * 1e6)) }
}
