import DataFiles
import Foundation

/// Red, green and blue pixels that stand inside of a page or drawing.
package struct PixelImage: Equatable, Sendable {
  let width: Int
  let height: Int
  /// `[height, width, 3]`
  package let pixels: [UInt8]

  /// The pixels as an address that holds them: PNG, not compressed.
  var address: String {
    let image = RasterImage(width: width, height: height, channels: .rgb, samples: pixels)
    return "data:image/png;base64," + Data(image.png()).base64EncodedString()
  }

  /// The mean colour of each part of a picture that is cut into `rows` times `columns`.
  func mosaic(rows: Int, columns: Int) -> [[Color]] {
    (0..<rows).map { row in
      let ys = Self.part(row, of: rows, in: height)
      return (0..<columns).map { column in
        let xs = Self.part(column, of: columns, in: width)
        var (red, green, blue) = (0, 0, 0)
        for y in ys {
          for x in xs {
            let at = 3 * (y * width + x)
            red += Int(pixels[at])
            green += Int(pixels[at + 1])
            blue += Int(pixels[at + 2])
          }
        }
        let count = Double(255 * ys.count * xs.count)
        return Color(
          red: Double(red) / count, green: Double(green) / count, blue: Double(blue) / count)
      }
    }
  }

  /// The pixels of a part, at least one.
  private static func part(_ index: Int, of count: Int, in extent: Int) -> Range<Int> {
    let start = index * extent / count
    return start..<Swift.max((index + 1) * extent / count, start + 1)
  }

  /// A colour, each part from 0 to 1.
  package struct Color: Equatable {
    var red: Double
    var green: Double
    var blue: Double

    package init(red: Double, green: Double, blue: Double) {
      self.red = red
      self.green = green
      self.blue = blue
    }

    /// How bright it looks (Rec. 709).
    var luminance: Double { 0.2126 * red + 0.7152 * green + 0.0722 * blue }

    /// The colour in less light, from 0 to 1.
    func dimmed(to light: Double) -> Color {
      Color(red: light * red, green: light * green, blue: light * blue)
    }

    /// The nearest of the 256 colours of a terminal: of the cube of 6 x 6 x 6, or of the 24 greys.
    package var terminalCode: Int {
      let levels = [0, 95, 135, 175, 215, 255].map { Double($0) / 255 }
      let parts = [red, green, blue]
      let nearest = parts.map { part in
        levels.indices.min { abs(levels[$0] - part) < abs(levels[$1] - part) }!
      }
      let mean = (red + green + blue) / 3
      let gray = Swift.min(Swift.max(Int(((mean * 255 - 8) / 10).rounded()), 0), 23)
      let grayLevel = Double(8 + 10 * gray) / 255
      func distance(_ level: (Int) -> Double) -> Double {
        parts.indices.reduce(0) { $0 + (parts[$1] - level($1)) * (parts[$1] - level($1)) }
      }
      if distance({ _ in grayLevel }) < distance({ levels[nearest[$0]] }) { return 232 + gray }
      return 16 + 36 * nearest[0] + 6 * nearest[1] + nearest[2]
    }
  }
}
