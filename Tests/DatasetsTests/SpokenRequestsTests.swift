import Datasets
import Tasks
import Testing

private func read(_ text: String) throws(DataFileError) -> SpokenRequests {
  try SpokenRequests(parsing: Array(text.utf8), file: "requests.tsv")
}

private func malformed(_ line: Int, _ problem: String) -> DataFileError {
  .malformed(TextError(file: "requests.tsv", line: line, problem: problem))
}

@Suite struct SpokenRequestsTests {
  @Test func `requests come to their splits in the order of the file`() throws {
    let requests = try read(
      """
      split\tintent\ttokens\ttags
      train\tWeather\train in new york\tO O B-city I-city
      test\tMusic\tplay it\tO O

      train\tMusic\tstop\tO
      valid\tWeather\tparis tomorrow\tB-city B-day
      """)
    #expect(
      requests.training == [
        .init(
          intent: "Weather", words: ["rain", "in", "new", "york"],
          tags: ["O", "O", "B-city", "I-city"]),
        .init(intent: "Music", words: ["stop"], tags: ["O"]),
      ])
    #expect(
      requests.validation == [
        .init(intent: "Weather", words: ["paris", "tomorrow"], tags: ["B-city", "B-day"])
      ])
    #expect(requests.test == [.init(intent: "Music", words: ["play", "it"], tags: ["O", "O"])])
  }

  @Test func `a header, CRLF line ends and a missing final newline do not matter`() throws {
    let lines = ["train\tMusic\tstop\tO", "test\tMusic\tplay\tO"]
    let plain = try read(lines.joined(separator: "\n") + "\n")
    #expect(try read(lines.joined(separator: "\r\n")) == plain)
    #expect(try read("split\tintent\ttokens\ttags\n" + lines.joined(separator: "\n")) == plain)
  }

  @Test func `a malformed line is named with its number`() {
    let good = "train\tMusic\tstop\tO\n"
    #expect(throws: malformed(2, "expected a tag for each word, found 2 words and 1 tags")) {
      try read(good + "train\tMusic\tstop it\tO\n")
    }
    #expect(throws: malformed(3, "expected train, valid or test, found \"dev\"")) {
      try read(good + "\ndev\tMusic\tstop\tO\n")
    }
    #expect(
      throws: malformed(
        2, "expected split<TAB>intent<TAB>words<TAB>tags, found \"train stop\"")
    ) {
      try read(good + "train stop\n")
    }
    for tag in ["X-city", "B-", "o", "Bcity"] {
      #expect(throws: malformed(1, "expected a tag O, B-SLOT or I-SLOT, found \"\(tag)\"")) {
        try read("train\tWeather\tparis\t\(tag)\n")
      }
    }
    #expect(throws: DataFileError.empty(file: "requests.tsv", expected: "requests")) {
      try read("split\tintent\ttokens\ttags\n")
    }
  }
}
