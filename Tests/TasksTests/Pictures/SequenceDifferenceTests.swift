import Tasks
import Testing

/// Which symbols of two sequences differ.
@Suite struct SequenceDifferenceTests {
  @Test(arguments: [
    ("kitten", "sitting"), ("", "abc"), ("abc", ""), ("abc", "abc"), ("abcd", "xbxd"),
    ("aab", "ab"),
  ])
  func `what is not marked is equal in both, and the marks are a shortest way of edits`(
    hypothesis: String, reference: String
  ) {
    let (first, second) = (Array(hypothesis), Array(reference))
    let difference = SequenceDifference(hypothesis: first, reference: second)
    let common = zip(first, difference.hypothesis).filter { !$1 }.map(\.0)
    #expect(common == zip(second, difference.reference).filter { !$1 }.map(\.0))
    // A substitution marks one symbol in each, an insertion or deletion one in either.
    let marked = [difference.hypothesis, difference.reference].map { $0.count { $0 } }
    #expect(marked.max()! <= editDistance(first, second))
  }

  @Test func `the marks of an example`() {
    let difference = SequenceDifference(
      hypothesis: ["S", "UW", "W"], reference: ["Z", "UW"])
    #expect(difference.hypothesis == [true, false, true])
    #expect(difference.reference == [true, false])
  }
}
