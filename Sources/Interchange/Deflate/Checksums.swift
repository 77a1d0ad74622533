/// The checksum of zlib (RFC 1950).
package func adler32(_ bytes: [UInt8]) -> UInt32 {
  var (a, b): (UInt32, UInt32) = (1, 0)
  // After so many bytes the sums still fit into 32 bits.
  for start in stride(from: 0, to: bytes.count, by: 5552) {
    for byte in bytes[start..<min(start + 5552, bytes.count)] {
      a += UInt32(byte)
      b += a
    }
    a %= 65521
    b %= 65521
  }
  return b << 16 | a
}
