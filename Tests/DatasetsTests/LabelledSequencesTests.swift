import Datasets
import Testing

@Suite struct LabelledSequencesTests {
  private let head = "# a comment\n@problemName two\n@classLabel true a b\n@data\n"

  private func read(_ text: String) throws(DataFileError) -> LabelledSequences {
    try LabelledSequences(parsing: Array((head + text).utf8), file: "two.ts")
  }

  @Test func `channels become steps, and the last field the class`() throws {
    let sequences = try read("1,2,3:4,5,6:b\n-1:0.5:a\n")
    #expect(sequences.classes == ["a", "b"] && sequences.featureCount == 2)
    #expect(
      sequences.examples == [
        .init(steps: [[1, 4], [2, 5], [3, 6]], label: 1), .init(steps: [[-1, 0.5]], label: 0),
      ])
  }

  @Test(arguments: [
    ("1,2:3:a\n", "two.ts:5: expected channels of equally many numbers"),
    ("1,2:3,x:a\n", "two.ts:5: expected channels of equally many numbers"),
    ("1,inf:3,4:a\n", "two.ts:5: expected channels of equally many numbers"),
    ("1,2:3,4:c\n", "two.ts:5: expected one of the classes a, b at the end, found \"c\""),
    ("1,2:3,4\n", "two.ts:5: expected one of the classes a, b at the end, found none"),
    ("1,2:3,4:a\n\n1,2:a\n", "two.ts:7: expected 2 channels, found 1"),
    ("", "expected a line"),
  ])
  func `a line that is none is named`(text: String, complaint: String) {
    let error = #expect(throws: DataFileError.self) { try read(text) }
    #expect(error.map { "\($0)".contains(complaint) } ?? false, "\(error.debugDescription)")
  }

  @Test func `the vowels that ship are those of the archive`() throws {
    let vowels = try LabelledSequences.japaneseVowels()
    #expect(vowels.training.count == 270 && vowels.test.count == 370)
    #expect(vowels.training.featureCount == 12 && vowels.training.classes.count == 9)
    // Thirty utterances of each speaker to learn from; the test has between 24 and 88.
    let counts = (0..<9).map { label in vowels.training.examples.count { $0.label == label } }
    #expect(counts == [Int](repeating: 30, count: 9))
    let tested = (0..<9).map { label in vowels.test.examples.count { $0.label == label } }
    #expect(tested.min() == 24 && tested.max() == 88)
    let lengths = (vowels.training.examples + vowels.test.examples).map(\.steps.count)
    #expect(lengths.min() == 7 && lengths.max() == 29)
    #expect(vowels.training.examples[0].steps[0][0] == 1.860936)
  }

  @Test func `folds are runs of each class and hold out every sequence once`() throws {
    let vowels = try LabelledSequences.japaneseVowels().training
    var heldOut = 0
    for fold in 0..<4 {
      let parts = vowels.split(folds: 4, holdingOut: fold)
      #expect(parts.training.count + parts.heldOut.count == vowels.count)
      #expect(parts.heldOut.examples.allSatisfy { !parts.training.examples.contains($0) })
      heldOut += parts.heldOut.count
      let ofFirst = vowels.examples.indices.filter { vowels.examples[$0].label == 0 }
      let positions = ofFirst.indices.filter {
        parts.heldOut.examples.contains(vowels.examples[ofFirst[$0]])
      }
      #expect(positions == Array(positions.first!...positions.last!))
    }
    #expect(heldOut == vowels.count)
  }

  @Test func `a file that is not there, or is no text, is named`() throws {
    let missing = #expect(throws: DataFileError.self) {
      try LabelledSequences(contentsOf: "/no/such/file.ts")
    }
    #expect("\(missing!)".hasPrefix("/no/such/file.ts cannot be read: "))
    let other = #expect(throws: DataFileError.self) {
      try LabelledSequences(contentsOf: "/proc/self/exe")
    }
    #expect("\(other!)".contains("UTF-8"))
  }
}
