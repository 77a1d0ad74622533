import Testing
import Training

@Suite struct StrictJSONTests {
  private struct Part: Codable, Equatable {
    var width = 1
    var note: String?
  }

  private enum Choice: Codable, Equatable {
    case none
    case some(rate: Double)
  }

  private struct Whole: Codable, Equatable {
    var parts: [Part] = []
    var named: [String: Part] = [:]
    var choice = Choice.none
    var rate = 0.5
  }

  private func failure(_ text: String) -> String {
    do throws(StrictJSON.Failure) {
      _ = try StrictJSON.value(Whole.self, of: text)
      return ""
    } catch { return "\(error)" }
  }

  @Test func `what is written is read, infinities and NaN too`() throws {
    var whole = Whole(
      parts: [Part(), Part(width: 3, note: "é")], named: ["x": Part(width: 5)],
      choice: .some(rate: -.infinity), rate: .infinity)
    #expect(try StrictJSON.value(Whole.self, of: StrictJSON.text(whole)) == whole)
    whole.rate = .nan
    #expect(try StrictJSON.value(Whole.self, of: StrictJSON.text(whole)).rate.isNaN)
  }

  @Test func `a key that nothing reads is refused, at any depth`() {
    let rest = #""choice":{"none":{}},"rate":1}"#
    #expect(failure(#"{"parts":[],"named":{},"# + rest) == "")
    #expect(
      failure(#"{"parts":[],"named":{},"widht":1,"# + rest) == "a key 'widht' that is not known")
    #expect(
      failure(#"{"parts":[{"width":1},{"width":2,"depth":1}],"named":{},"# + rest)
        == "a key 'parts.1.depth' that is not known")
    #expect(
      failure(#"{"parts":[],"named":{"x":{"width":1,"y":{}}},"# + rest)
        == "a key 'named.x.y' that is not known")
    #expect(
      failure(#"{"parts":[],"named":{},"choice":{"some":{"rate":1,"x":2}},"rate":1}"#)
        == "a key 'choice.some.x' that is not known")
    // One that is known, without a value.
    #expect(failure(#"{"parts":[{"width":1,"note":null}],"named":{},"# + rest) == "")
  }

  @Test func `what is missing or wrong is named`() {
    #expect(failure("{") == "no JSON")
    #expect(failure(#"{"parts":[{}],"named":{}}"#) == "no key 'parts.0.width'")
    #expect(failure(#"{"parts":[{"width":"x"}],"named":{}}"#) == "another value at 'parts.0.width'")
  }
}
