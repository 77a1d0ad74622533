import Foundation
import Tasks

/// A page with every kind of picture, with long and with foreign texts.
enum Gallery {
  static var report: HTMLReport {
    var report = HTMLReport(
      title: "Every picture of the zoo",
      introduction: "Made-up numbers, so that each kind of picture can be looked at.")
    report.figures = [
      HTMLReport.Figure(
        "Phoneme error rate", "10.32 %", note: "on 2000 held-out words, no stress marks"),
      HTMLReport.Figure("BLEU", "36.5"),
      HTMLReport.Figure("Training", "87 s", note: "184,320 words seen, 1440 steps"),
      HTMLReport.Figure("Speed", "2118 words/s", note: "evaluations included"),
    ]
    report.curve = curve
    report.picturesExplanation = "Colour marks what an output looks at."
    report.pictures = pictures.map(\.picture)
    report.samples = [phonemes, sentences]
    report.lengthErrors = lengthErrors
    report.configuration = [
      HTMLReport.Entry("Score", "additive"), HTMLReport.Entry("Hidden size", "128"),
      HTMLReport.Entry("Dropout", "0.1"),
      HTMLReport.Entry("Data", "/a/very/long/path/without/any/blank/in/it/to/a/file/of/words.txt"),
    ]
    report.conditions = [HTMLReport.Entry("Threads", "2"), HTMLReport.Entry("Seed", "1")]
    report.notes = ["Origin of the data."]
    return report
  }

  private static var lengthErrors: [LengthErrors] {
    let lengths = [1...4, 5...5, 6...6, 7...7, 8...9, 10...12, 13...20]
    let buckets = lengths.map { range in
      let longest = range.upperBound
      return LengthErrors.Bucket(
        lengths: range, count: 310 - 12 * longest, rate: 4.1 + Double(longest * longest) / 9)
    }
    let single = LengthErrors.Bucket(lengths: 1...9, count: 12, rate: 0.25)
    return [
      LengthErrors(buckets: buckets, caption: "Phoneme error rate by letters of the word"),
      LengthErrors(
        buckets: [single], caption: "Mean squared error by steps of the past", unit: ""),
    ]
  }

  /// The pictures with names for their files.
  static var pictures: [(name: String, picture: any Picture)] {
    [
      ("letters", letters), ("words", words), ("foreign", foreign), ("frames", frames),
      ("years", years), ("hours", hours), ("request", request), ("layers", layers),
      ("seen", seen),
      ("ladder", ladder),
    ]
  }

  /// Seven lines: as many as a ladder of models has.
  private static var ladder: LineChart {
    let lengths = ["3–5", "6", "7", "8", "9–10", "11–13", "14–20"]
    let names = ["none", "fixed", "dot", "general", "concat", "additive", "self-attention"]
    let lines = names.enumerated().map { rung, name in
      LineChart.Line(
        name,
        lengths.indices.map { .init(Double($0), 4 + Double($0 * $0) / Double(1 + rung)) })
    }
    return LineChart(
      lines: lines, caption: "Phoneme error rate by letters of the word", unit: "%",
      labels: lengths.enumerated().map { (Double($0.offset), $0.element) })
  }

  /// Weights that go along a diagonal, `[output, source]`.
  private static func diagonal(_ outputs: Int, _ sources: Int, width: Double = 0.8) -> [[Float]] {
    (0..<outputs).map { (row: Int) -> [Float] in
      let center: Double = (Double(row) + 0.5) * Double(sources) / Double(outputs) - 0.5
      let raw = (0..<sources).map { (column: Int) -> Double in
        let distance = (Double(column) - center) / width
        return exp(-distance * distance) + 0.003
      }
      let sum = raw.reduce(0, +)
      return raw.map { Float($0 / sum) }
    }
  }

  private static var letters: AttentionMap {
    let sources = "tapestry".map { String($0) }
    let outputs = ["T", "AE", "P", "AH", "S", "T", "R", "IY"]
    return AttentionMap(
      sources: sources, outputs: outputs, weights: diagonal(8, 8), caption: "tapestry ✓ right")
  }

  private static let german =
    "ein kleiner hund mit einem roten halsband läuft am strand neben seinem besitzer durch das "
    + "flache wasser ."
  private static let english =
    "a small dog with a red collar is running on the beach next to its owner through the shallow "
    + "water ."

  private static func translation(_ width: Double, _ caption: String) -> AttentionMap {
    let (sources, outputs) = (split(german), split(english))
    return AttentionMap(
      sources: sources, outputs: outputs,
      weights: diagonal(outputs.count, sources.count, width: width), caption: caption)
  }

  private static var words: AttentionMap { translation(0.8, german) }

  private static var foreign: AttentionMap {
    AttentionMap(
      sources: ["שלום", "עולם", "日本語", "Donaudampfschifffahrtsgesellschaftskapitän", "👩‍👧"],
      outputs: ["peace", "world", "Japanese", "<captain>"], weights: diagonal(4, 5),
      caption: "שלום עולם, 日本語")
  }

  private static var frames: AttentionMap {
    let outputs = ["W", "ER", "D", "Z"]
    return AttentionMap(
      sources: (0..<150).map { "\(Double($0) / 100) s" }, outputs: outputs,
      weights: diagonal(4, 150, width: 9), caption: "Frames of a spoken word")
  }

  private static func cycle(_ count: Int, period: Double) -> [Double] {
    (0..<count).map { (step: Int) -> Double in
      let angle: Double = 2 * Double.pi * Double(step) / period
      let noise = Double(step * 7 % 11)
      return 60 + 55 * sin(angle) + noise
    }
  }

  private static func weights(_ count: Int, period: Int) -> [Float] {
    let raw = (0..<count).map { Float((count - $0) % period == 0 ? 6 : 1) }
    return raw.map { $0 / raw.reduce(0, +) }
  }

  private static var years: SeriesAttention {
    let values = cycle(36, period: 11)
    return SeriesAttention(
      past: Array(values.prefix(30)), weights: weights(30, period: 11),
      forecast: values.suffix(6).map { $0 * 0.9 + 4 }, actual: Array(values.suffix(6)),
      firstLabel: 1952, caption: "Sunspots by year")
  }

  private static var hours: SeriesAttention {
    let values = cycle(120, period: 24).map { $0 / 100 - 0.9 }
    return SeriesAttention(
      past: Array(values.prefix(96)), weights: weights(96, period: 24),
      forecast: Array(values.suffix(24)),
      labels: (0..<120).map { "\(1 + $0 / 24) Jan \($0 % 24):00" },
      caption: "Oil temperature by hour")
  }

  private static var request: TaggedWords {
    let words = "book a table for two at the river café in new york city next friday".split(
      separator: " "
    ).map { String($0) }
    let tags = [
      "O", "O", "O", "O", "B-party_size_number", "O", "B-restaurant_name", "I-restaurant_name",
      "I-restaurant_name", "O", "B-city", "I-city", "I-city", "B-timeRange", "I-timeRange",
    ]
    let weights: [Float] = [
      0.41, 0.02, 0.22, 0.01, 0.06, 0.02, 0.02, 0.05, 0.09, 0.01, 0.02, 0.02, 0.01, 0.02, 0.02,
    ]
    return TaggedWords(words: words, tags: tags, weights: weights, label: "BookRestaurant")
  }

  private static var layers: LayeredAttention {
    let heads = (1...3).flatMap { layer in
      (1...4).map { head in
        LayeredAttention.Head(
          layer: "decoder \(layer), source", name: "\(head)",
          map: translation(Double(layer * head) / 2, ""))
      }
    }
    return LayeredAttention(heads: heads, caption: "Layers and heads of a Transformer")
  }

  private static var seen: ImageAttention {
    // A disc of two colours on white.
    let pixels = (0..<1024).flatMap { (place: Int) -> [UInt8] in
      let (x, y) = (Double(place % 32) - 15.5, Double(place / 32) - 15.5)
      if x * x + y * y > 180 { return [255, 255, 255] }
      return y > 0 ? [230, 120, 40] : [40, 120, 230]
    }
    let words = ["blue", "disc", "medium-light", "שלום", "Donaudampfschifffahrtsgesellschaft", "."]
    let weights = words.indices.map { (word: Int) -> [Float] in
      let raw = (0..<64).map { (place: Int) -> Double in
        let distance = Double((place % 8 - word) * (place % 8 - word) + (place / 8 - 2))
        return exp(-abs(distance) / 4)
      }
      return raw.map { Float($0 / raw.reduce(0, +)) }
    }
    return ImageAttention(
      width: 32, height: 32, pixels: pixels, words: words, grid: (8, 8), weights: weights,
      caption: "blue disc ✓ right")
  }

  private static var curve: TrainingCurve {
    let losses = (0...300).map { (step: Int) -> TrainingCurve.Loss in
      let time = Double(step)
      let noise = Double(step * 31 % 17) / 90
      let rate = 4e-3 * Swift.min(time / 30, 1 - time / 330)
      return TrainingCurve.Loss(
        examples: step * 600, seconds: 0.7 * time, loss: 0.4 + 3 * exp(-time / 40) + noise,
        learningRate: rate)
    }
    let evaluations = (1...7).map { (index: Int) -> TrainingCurve.Evaluation in
      let time = Double(index)
      return TrainingCurve.Evaluation(
        examples: index * 25_700, seconds: 30 * time,
        metrics: [
          TrainingCurve.Metric("WER", 34 + 50 / time, unit: "%"),
          TrainingCurve.Metric("PER", 9 + 22 / time, unit: "%"),
          TrainingCurve.Metric("BLEU", 36.5 - 20 / time),
        ])
    }
    return TrainingCurve(losses: losses, evaluations: evaluations)
  }

  private static func split(_ text: String) -> [String] {
    text.split(separator: " ").map { String($0) }
  }

  private static var phonemes: Samples {
    let rows = [
      ["ape", "EY P", "EY P"], ["zoo", "S UW W", "Z UW"],
      ["extraordinarily", "EH K S T R AH", "IH K S T R AO R D IH N EH R AH L IY"],
    ]
    return Samples(
      heading: "Held-out words", explanation: "Differences are marked.",
      columns: ["word", "model", "dictionary", "result"],
      rows: rows.map { (row: [String]) -> [Samples.Cell] in
        let cells = Samples.Cell.difference(
          hypothesis: split(row[1]), reference: split(row[2]))
        return [.text(row[0]), cells.hypothesis, cells.reference, .verdict(row[1] == row[2])]
      })
  }

  private static var sentences: Samples {
    let cells = Samples.Cell.difference(
      hypothesis: split("a little dog runs on the beach ."),
      reference: split("a small dog is running on the beach ."))
    return Samples(
      heading: "Translations", columns: ["input", "model", "reference"],
      rows: [
        [.text(german), cells.hypothesis, cells.reference],
        ["שלום עולם!", "hello, world!", "hello world"],
      ])
  }
}
