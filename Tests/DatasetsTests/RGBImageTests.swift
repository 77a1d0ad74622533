import Datasets
import Testing

@Suite struct RGBImageTests {
  @Test func `a picture of any kind is laid on white`() {
    let image = RGBImage(
      RasterImage(width: 2, height: 1, channels: .grayAlpha, samples: [100, 255, 100, 51]))
    #expect(image == RGBImage(width: 2, height: 1, pixels: [100, 100, 100, 224, 224, 224]))
  }

  @Test func `a picture is fitted into a white square, each pixel the mean of what it covers`() {
    let wide = RGBImage(
      width: 4, height: 2,
      pixels: [0, 10, 20, 30, 40, 50, 60, 70].flatMap { [$0, $0, 0] })
    let half = wide.fitted(to: 2)
    // Half a row of white above and below: [0, 10, 40, 50] is the mean of the upper left pixels, of
    // which one row of two is covered.
    #expect((half.width, half.height) == (2, 2))
    #expect(half.pixels == [130, 130, 128, 140, 140, 128, 150, 150, 128, 160, 160, 128])
    let same = wide.fitted(to: 4)
    #expect(Array(same.pixels[..<12]) == Array(repeating: 255, count: 12))
    #expect(Array(same.pixels[12..<36]) == wide.pixels)
    let large = RGBImage(width: 1, height: 1, pixels: [7, 8, 9]).fitted(to: 3)
    #expect(large.pixels == (0..<9).flatMap { _ in [7, 8, 9] as [UInt8] })
  }
}
