// The program of Documentation/Tapestry.docc/OwnData.md: change it there, and call Documentation/programs.sh.
import DataFiles
import Foundation
import Interchange

let folder = FileManager.default.temporaryDirectory.path + "/own-data"
try createDirectory(folder)
try AtomicFile.write(
  """
  width,height,kind
  1.5,2,plum
  3,4.5,pear
  2.5,,plum
  """, to: "\(folder)/fruit.csv")

let table = try Table(contentsOf: "\(folder)/fruit.csv")
print(table)
let features = try Tensor<Float>(table, columns: ["width", "height"], missing: 0)
let (labels, names) = try table["kind"].classes()
print(features.shape, labels, names)

struct Review: Codable {
  var text: String
  var stars: Int
}

try JSONLines.write(
  [Review(text: "fine", stars: 4), Review(text: "dull", stars: 1)],
  to: "\(folder)/reviews.jsonl")
let reviews: [Review] = try JSONLines.read("\(folder)/reviews.jsonl")
print(reviews.map(\.text), reviews.map(\.stars))

let shades = (0..<8 * 8 * 3).map { UInt8($0) }
try RasterImage(width: 8, height: 8, channels: .rgb, samples: shades)
  .write(png: "\(folder)/shades.png")
let picture = try RasterImage(contentsOf: "\(folder)/shades.png").converted(to: .rgb)
let stored = Tensor<UInt8>([picture, picture])
let pixels: Tensor<Float> = stored.normalized(mean: [0.5], deviation: [0.25])
print(stored.shape, "to", pixels.shape)

try AtomicFile.write("a,b\n1,2\n3\n", to: "\(folder)/short.csv")
do {
  _ = try Table(contentsOf: "\(folder)/short.csv")
} catch {
  print("\(error)".replacing(folder, with: "own-data"))
}
