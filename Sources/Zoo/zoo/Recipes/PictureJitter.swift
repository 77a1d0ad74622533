import Autograd
import Datasets

/// How a picture is changed a little, each time anew, before a model learns from it. It is never
/// mirrored: an arrow to the left and one to the right have different names.
package struct PictureJitter: Codable, Equatable, Sendable {
  /// The most pixels that it is moved by, in each direction.
  var shift: Double
  /// The most degrees that it is turned by.
  var rotation: Double
  /// The most that it grows or shrinks, as a share.
  var zoom: Double
  /// The most that each colour is made lighter or darker, as a share.
  var color: Double

  package init(
    shift: Double = 2, rotation: Double = 8, zoom: Double = 0.1, color: Double = 0.03
  ) {
    (self.shift, self.rotation, self.zoom, self.color) = (shift, rotation, zoom, color)
  }

  /// Whether these are sizes of changes.
  var isPossible: Bool {
    [shift, rotation, zoom, color].allSatisfy { (0...1000).contains($0) } && zoom < 1
  }

  /// A picture as a model reads it, changed at random: red, green and blue from -1 to 1,
  /// `[3, height, width]`. What comes in from outside is white.
  package func planes(_ image: RGBImage, using generator: inout Generator) -> [Float] {
    func random(_ most: Double) -> Double { (2 * generator.uniform() - 1) * most }
    let angle = random(rotation) * .pi / 180
    let scale = 1 + random(zoom)
    let (sine, cosine) = (sin(angle) / scale, cos(angle) / scale)
    let center = (x: Double(image.width - 1) / 2, y: Double(image.height - 1) / 2)
    let moved = (x: center.x + random(shift), y: center.y + random(shift))
    let gains = (0..<3).map { _ in Float(1 + random(color)) }
    let area = image.width * image.height
    var planes = [Float](repeating: 0, count: 3 * area)
    for row in 0..<image.height {
      for column in 0..<image.width {
        let (dx, dy) = (Double(column) - center.x, Double(row) - center.y)
        let pixel = image.color(
          x: moved.x + cosine * dx - sine * dy, y: moved.y + sine * dx + cosine * dy)
        let at = row * image.width + column
        planes[at] = pixel.red * gains[0] / 127.5 - 1
        planes[area + at] = pixel.green * gains[1] / 127.5 - 1
        planes[2 * area + at] = pixel.blue * gains[2] / 127.5 - 1
      }
    }
    return planes
  }
}

extension RGBImage {
  /// The colour between four pixels, each as much as it is near; white outside.
  fileprivate func color(x: Double, y: Double) -> (red: Float, green: Float, blue: Float) {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    let (right, below) = (Float(x - left), Float(y - top))
    var sum: (red: Float, green: Float, blue: Float) = (0, 0, 0)
    for (dy, rowShare) in [(0, 1 - below), (1, below)] {
      for (dx, share) in [(0, 1 - right), (1, right)] {
        let (column, row) = (Int(left) + dx, Int(top) + dy)
        let weight = rowShare * share
        guard column >= 0, row >= 0, column < width, row < height else {
          sum = (sum.red + 255 * weight, sum.green + 255 * weight, sum.blue + 255 * weight)
          continue
        }
        let at = 3 * (row * width + column)
        sum.red += weight * Float(pixels[at])
        sum.green += weight * Float(pixels[at + 1])
        sum.blue += weight * Float(pixels[at + 2])
      }
    }
    return sum
  }
}
