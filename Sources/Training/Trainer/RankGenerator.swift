package import Autograd

/// A source of seeds that all ranks of a group draw from in step, and of which each gets its own:
/// where the common one stands does not depend on the rank, nor on how many there are.
package struct RankGenerator: RandomNumberGenerator {
  /// Where all ranks are.
  package private(set) var common: Generator
  private let salt: UInt64

  package init(_ common: Generator, rank: Int) {
    self.common = common
    // A seed is mixed before it is used (SplitMix64), so that it is enough that seeds differ.
    salt = UInt64(rank) &* 0xD134_2543_DE82_EF95
  }

  package mutating func next() -> UInt64 { common.next() ^ salt }
}
