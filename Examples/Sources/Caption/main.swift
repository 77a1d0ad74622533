// Loads the captioner that ships, says what a picture shows, and where it looked for each word.
import Autograd
import Datasets
import Foundation
import Layers
import Pretrained
import ShowAttendTell
import Tasks
import Training

let path = Pretrained.path(of: "captioner")!
let model = try ShowAttendTell<AdditiveScore<Float>>(contentsOf: path)
let metadata = try SafeTensors(contentsOf: path).metadata
let words = try JSONDecoder().decode(Vocabulary.self, from: Data(metadata["words"]!.utf8))

let name = CommandLine.arguments.dropFirst().first ?? "flag: Norway"
let emoji = try CaptionedPictures.emoji().all
guard let example = emoji.first(where: { $0.caption == name }) else {
  fatalError("there is no emoji \(name)")
}
let size = model.configuration.pictureSize
let picture = Tensor<Float>(example.image.fitted(to: size).planes, shape: [3, size, size])
let caption = model.captions(picture.unsqueezed(axis: 0), width: 4, limit: 20)[0][0].symbols
print(PhraseTokenizer().text(of: words.decode(caption)))
let grid = model.configuration.gridSize
let looked = ImageAttention(
  width: size, height: size, pixels: example.image.fitted(to: size).pixels,
  words: words.decode(caption), grid: (grid, grid),
  weights: model.attentionHead(picture, caption).weights, caption: name)
print(looked.terminal(color: false))
