import Pronunciation
import Testing

@Suite("Alignments in the terminal")
struct AlignmentTests {
  private let phone = Alignment(
    letters: ["p", "h", "o", "n", "e"], phonemes: ["F", "OW", "N"],
    weights: [[0.8, 0.2, 0, 0, 0], [0, 0, 0.6, 0, 0.4], [0, 0, 0.04, 0.96, 0]])

  @Test("letters stand above their columns, phonemes beside their rows, weights become blocks")
  func plain() {
    #expect(
      phone.terminal(color: false, width: 80) == """
              p  h  o  n  e
           F ███░░░
          OW       ▓▓▓   ▒▒▒
           N          ███

        """)
  }

  @Test("colours add to the same blocks and end with each line")
  func color() {
    let colored = phone.terminal(color: true, width: 80)
    #expect(colored.contains("\u{1B}[38;5;209m███"))
    let lines = colored.split(separator: "\n").dropFirst()
    #expect(lines.allSatisfy { $0.hasSuffix("\u{1B}[0m") })
    #expect(
      colored.replacing(/\u{1B}\[[0-9;]*m/, with: "") == phone.terminal(color: false, width: 80))
  }

  @Test("cells get narrower, then panels fewer letters, so that lines fit", arguments: 6...30)
  func width(width: Int) {
    let drawing = phone.terminal(color: false, width: width)
    #expect(drawing.split(separator: "\n").allSatisfy { $0.count <= width })
    let headers = drawing.filter { "phone".contains($0) }
    #expect(headers == "phone")
  }

  @Test("weights of a diverged model are drawn too")
  func diverged() {
    let alignment = Alignment(
      letters: ["a", "b", "c"], phonemes: ["X"], weights: [[.nan, .infinity, -.infinity]])
    #expect(alignment.terminal(color: false) == "     a  b  c\n  X    ███\n")
  }

  @Test("a model that said nothing has an empty map")
  func empty() {
    let alignment = Alignment(letters: ["a"], phonemes: [], weights: [])
    #expect(alignment.terminal(color: true) == "    a\n")
  }
}
