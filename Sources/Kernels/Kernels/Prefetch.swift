// The compiler's own module: no header that Swift can import has a prefetch that it keeps.
import Builtin

/// Asks the processor to bring the cache line of `address` into its second-level cache. Nothing waits
/// for it, and an address that is nobody's does no harm.
@inlinable @inline(__always)
func prefetch<Stored>(_ address: UnsafePointer<Stored>) {
  Builtin.int_prefetch_RawPointer(
    UnsafeRawPointer(address)._rawValue, Int32(0)._value, Int32(2)._value, Int32(1)._value)
}
