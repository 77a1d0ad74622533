import Autograd
import Datasets
import Foundation
import Testing
import Training
import zoo

/// The captioner as a recipe: its data, a small training, and what pictures can be named by.
@Suite final class CaptionerTests: FolderTests {
  /// Squares of two colours, small and large, in pixmaps of different sizes.
  private func writeSquares() throws -> String {
    var lines = ""
    for (color, values) in [("red", [200, 20, 30]), ("blue", [20, 30, 200])] {
      for (size, extent) in [("small", 4), ("large", 20)] {
        for (number, width) in [24, 32].enumerated() {
          var pixels: [UInt8] = []
          for row in 0..<32 {
            for column in 0..<width {
              let isInside = abs(row - 16) < extent / 2 && abs(column - width / 2) < extent / 2
              pixels += isInside ? values.map { UInt8($0) } : [255, 255, 255]
            }
          }
          let name = "\(size)-\(color)-\(number).ppm"
          try Data(Array("P6 \(width) 32 255\n".utf8) + pixels).write(
            to: folder.appendingPathComponent(name))
          let part = number == 0 ? "train" : size == "small" ? "valid" : "test"
          lines += "\(part)\t\(name)\t\(size) square: \(color)\n"
        }
      }
    }
    try lines.write(toFile: path("squares.tsv"), atomically: false, encoding: .utf8)
    return path("squares.tsv")
  }

  /// The configuration of a model that is small enough for a test.
  private func writeConfiguration() throws -> String {
    var settings = CaptionerSettings()
    settings.model.pictureSize = 8
    settings.model.stages = [[6], [6]]
    (settings.model.embeddingSize, settings.model.hiddenSize) = (8, 8)
    (settings.model.attentionSize, settings.model.dropout) = (8, 0)
    settings.jitter = PictureJitter(shift: 0.3, rotation: 2, zoom: 0.02, color: 0.02)
    (settings.wordDropout, settings.labelSmoothing) = (0.1, 0)
    settings.training.epochs = 60
    (settings.training.batchSize, settings.training.learningRate) = (4, 0.03)
    (settings.training.weightDecay, settings.training.clipNorm) = (0, 1)
    settings.training.averageDecay = nil
    let configuration = RunFolder.Configuration(model: "captioner", settings: settings)
    try StrictJSON.text(configuration).write(
      toFile: path("small.json"), atomically: false, encoding: .utf8)
    return path("small.json")
  }

  @Test func `squares are learnt, scored, named and shown`() throws {
    let data = try writeSquares()
    let trained = run([
      "train", "captioner", "--config", try writeConfiguration(), "--data", data, "--out",
      path("run"), "--json",
    ])
    #expect(trained.status == 0, "\(trained.complaint)")
    let weights = ["--weights", path("run/best.safetensors")]
    let scores = run(["evaluate", "captioner"] + weights)
    #expect(
      scores.printed == "exact of known words 100.00 BLEU of known words 100.00 exact 100.00 "
        + "BLEU 100.00 pictures of known words 2 pictures 2\n", "\(scores.complaint)")
    let applied = run(["apply", "captioner", path("large-blue-1.ppm")] + weights)
    #expect(applied.printed == "\(path("large-blue-1.ppm"))\tlarge square: blue\n")
    let shown = run(
      ["explain", "captioner", path("small-red-0.ppm"), "--html", path("seen.html")] + weights)
    #expect(shown.status == 0 && shown.printed.contains("\tsmall square: red\n"))
    let page = try text("seen.html")
    #expect(page.contains("small looks most at the"))
    let report = try text("run/report.html")
    #expect(report.contains("large square: red ✓ right"))
    // A caption with a word that was never learnt is no new combination.
    let recipe = try PictureCaptioner(file: WeightsFile(path("run/best.safetensors")))
    #expect(recipe.hasKnownWords("large square: red") && !recipe.hasKnownWords("green square"))
  }

  @Test func `an emoji is named by its sign, its code points or its name`() throws {
    let images = try PictureInputs.images([
      "👋🏽", "1F44B 1F3FD", "u+1f44b U+1F3FD", "Waving Hand: medium skin tone", "❤️", "2764 FE0F",
    ])
    #expect(images[1...3].allSatisfy { $0 == images[0] })
    #expect(images[4] == images[5] && images[4] != images[0])
    let hand = try CaptionedPictures.emoji().all.first { $0.source == "1F44B 1F3FD" }
    #expect(images[0] == hand?.image)
  }

  @Test func `an input that names no picture is told`() throws {
    let error = #expect(throws: InputError.self) { try PictureInputs.images(["👋", "no emoji"]) }
    #expect(error?.index == 1)
    #expect(
      error?.reason
        == "\"no emoji\" is neither a file with a picture nor the sign, the code points "
        + "or the name of an emoji")
    try "text".write(toFile: path("text"), atomically: false, encoding: .utf8)
    let text = #expect(throws: InputError.self) { try PictureInputs.images([self.path("text")]) }
    #expect(text?.reason.hasSuffix("expected a picture: PNG, or a pixmap (P2, P3, P5, P6)") == true)
  }

  @Test func `settings that make no model are refused`() throws {
    let text = try String(contentsOfFile: writeConfiguration(), encoding: .utf8)
    for (old, new) in [
      ("\"stages\":[[6],[6]]", "\"stages\":[[6],[]]"), ("\"shift\":0.3", "\"shift\":-1"),
      ("\"pictureSize\":8", "\"pictureSize\":9"), ("\"limit\":30", "\"limit\":0"),
    ] {
      #expect(text.contains(old))
      try text.replacing(old, with: new).write(
        toFile: path("wrong.json"), atomically: false, encoding: .utf8)
      let result = run([
        "train", "captioner", "--config", path("wrong.json"), "--data", try writeSquares(), "--out",
        path("out"),
      ])
      #expect(result.status == 2, "\(new)")
    }
  }

  @Test func `pictures are moved by whole and parts of pixels, and white comes in`() throws {
    let image = RGBImage(
      width: 3, height: 1, pixels: [0, 0, 0, 51, 102, 153, 255, 255, 255])
    var generator = Generator(seed: 1)
    let still = PictureJitter(shift: 0, rotation: 0, zoom: 0, color: 0)
    #expect(still.planes(image, using: &generator) == image.planes)
    #expect(abs(image.planes[4] - (102 / 127.5 - 1)) < 1e-6)
    let moved = PictureJitter(shift: 1, rotation: 0, zoom: 0, color: 0)
    generator = Generator(seed: 1)
    var numbers = generator
    let found = moved.planes(image, using: &generator)
    // Angle and zoom draw a number each before the shift.
    _ = (numbers.uniform(), numbers.uniform())
    let (dx, dy) = (2 * numbers.uniform() - 1, 2 * numbers.uniform() - 1)
    func red(_ x: Int, _ y: Int) -> Double {
      y == 0 && (0..<3).contains(x) ? [0, 51, 255][x] : 255
    }
    for column in 0..<3 {
      let (x, y) = (Double(column) + dx, dy)
      let (left, top) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
      let (right, below) = (x - Double(left), y - Double(top))
      let upper = (1 - right) * red(left, top) + right * red(left + 1, top)
      let lower = (1 - right) * red(left, top + 1) + right * red(left + 1, top + 1)
      let expected = ((1 - below) * upper + below * lower) / 127.5 - 1
      #expect(abs(Double(found[column]) - expected) < 1e-5)
    }
  }
}
