/// The SHA-256 digest (FIPS 180-4), by which examples are divided into what is learnt and tested:
/// the same on every machine, whatever the order of the examples.
///
/// - Returns: 32 bytes.
package func sha256(_ message: some Sequence<UInt8>) -> [UInt8] {
  var bytes = Array(message)
  let bitCount = UInt64(bytes.count) * 8
  bytes.append(0x80)
  bytes += repeatElement(0, count: (120 - bytes.count % 64) % 64)
  bytes += (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> UInt64(56 - 8 * $0)) }
  var state = roots(of: 8, power: 2)
  for start in stride(from: 0, to: bytes.count, by: 64) {
    compress(bytes[start..<start + 64], into: &state)
  }
  return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
}

private let constants = roots(of: 64, power: 3)

private func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
  var words = stride(from: block.startIndex, to: block.endIndex, by: 4).map { at in
    block[at..<at + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
  }
  for t in 16..<64 {
    let (x, y) = (words[t - 15], words[t - 2])
    let first = rotated(x, 7) ^ rotated(x, 18) ^ x >> 3
    let second = rotated(y, 17) ^ rotated(y, 19) ^ y >> 10
    words.append(words[t - 16] &+ first &+ words[t - 7] &+ second)
  }
  var s = state
  for t in 0..<64 {
    let choice = s[4] & s[5] ^ ~s[4] & s[6]
    let majority = s[0] & s[1] ^ s[0] & s[2] ^ s[1] & s[2]
    let first =
      s[7] &+ (rotated(s[4], 6) ^ rotated(s[4], 11) ^ rotated(s[4], 25)) &+ choice
      &+ constants[t] &+ words[t]
    let second = (rotated(s[0], 2) ^ rotated(s[0], 13) ^ rotated(s[0], 22)) &+ majority
    s = [first &+ second, s[0], s[1], s[2], s[3] &+ first, s[4], s[5], s[6]]
  }
  for i in 0..<8 { state[i] &+= s[i] }
}

private func rotated(_ x: UInt32, _ count: UInt32) -> UInt32 { x >> count | x << (32 - count) }

/// The first 32 bits after the point of the square or cube roots of the first primes, in whole
/// numbers: no library's last digit matters.
private func roots(of count: Int, power: Int) -> [UInt32] {
  var primes: [UInt64] = []
  var candidate: UInt64 = 2
  while primes.count < count {
    if !primes.contains(where: { candidate % $0 == 0 }) { primes.append(candidate) }
    candidate += 1
  }
  return primes.map { prime in
    // The largest x of 35 bits with x^power <= prime * 2^(32 power).
    let target = UInt128(prime) << UInt128(32 * power)
    let root = (0..<36).reversed().reduce(UInt128(0)) { root, bit in
      let next = root | UInt128(1) << UInt128(bit)
      return (1..<power).reduce(next) { product, _ in product * next } <= target ? next : root
    }
    return UInt32(truncatingIfNeeded: root)
  }
}
