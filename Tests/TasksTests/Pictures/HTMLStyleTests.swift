import Foundation
import Tasks
import Testing

/// The colours of pages and pictures.
@Suite struct HTMLStyleTests {
  /// The colours of the light and of the dark scheme.
  private var schemes: [[String: [Double]]] {
    paletteStyle.split(separator: "@media").map { scheme in
      var colors: [String: [Double]] = [:]
      for match in scheme.matches(of: /--([a-z0-9-]+): #([0-9a-f]{6});/) {
        let number = Int(match.output.2, radix: 16)!
        colors[String(match.output.1)] = [16, 8, 0].map { Double(number >> $0 & 255) / 255 }
      }
      return colors
    }
  }

  /// The relative luminance of WCAG 2.
  private func luminance(_ color: [Double]) -> Double {
    let linear = color.map { $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }

  @Test(arguments: [
    ("ink", "page", 7), ("ink", "surface", 7), ("muted", "page", 4.5), ("muted", "surface", 4.5),
    ("series-0", "surface", 4.5), ("series-1", "surface", 4.5), ("series-2", "surface", 4.5),
    ("series-3", "surface", 4.5), ("right", "surface", 4.5), ("wrong", "surface", 4.5),
    ("wrong", "mark", 4.5), ("surface", "heat", 4.5), ("heat", "cell", 4.5), ("heat", "page", 3),
    ("button", "surface", 3),
  ])
  func `text has a contrast of 4.5, and what can be pressed one of 3`(
    front: String, back: String, least: Double
  ) throws {
    #expect(schemes.count == 2)
    for scheme in schemes {
      let lights = [luminance(try #require(scheme[front])), luminance(try #require(scheme[back]))]
      #expect((lights.max()! + 0.05) / (lights.min()! + 0.05) >= least)
    }
  }

  @Test func `every colour of the styles is in the palette`() throws {
    for match in (pictureStyle + pageStyle).matches(of: /var\(--([a-z0-9-]+)\)/) {
      for scheme in schemes { #expect(scheme[String(match.output.1)] != nil) }
    }
  }
}
