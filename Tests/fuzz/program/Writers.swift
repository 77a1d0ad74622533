import DataFiles
import Interchange
import Tasks

extension Target {
  /// Things of any kind are made, written and read: they are equal.
  static let writers = [
    Target("write-tensors") { bytes in
      var choices = Choices(bytes)
      var tensors: [String: StoredTensor] = [:]
      while !choices.isEmpty && tensors.count < 8 {
        let name = choices.text(upTo: 12)
        if name != "__metadata__" { tensors[name] = tensor(&choices) }
      }
      let file = SafeTensors(
        metadata: [choices.text(upTo: 9): choices.text(upTo: 9)], tensors: tensors)
      let again = attempt { try SafeTensors(bytes: file.serialized()) }
      // A text of the metadata may happen to be a checksum.
      if file.metadata["xxh64"] == nil { expect(again == file, "other tensors in safetensors") }
      let folder = Scratch.folder("tensors")
      let isNamed = tensors.keys.allSatisfy { !$0.isEmpty }
      if isNamed, attempt({ try tensors.write(npz: "\(folder)/t") }) != nil {
        let read = attempt { try TensorFile(contentsOf: "\(folder)/t") }
        expect(read?.tensors == tensors, "other tensors in npz")
      }
      if isNamed, attempt({ try tensors.write(pt: "\(folder)/t") }) != nil {
        let read = attempt { try TensorFile(contentsOf: "\(folder)/t") }
        expect(read?.tensors == tensors, "other tensors in pt")
      }
    },
    Target("write-model") { bytes in
      var choices = Choices(bytes)
      let model = smallModel()
      for parameter in model.parameters {
        guard let parameter = parameter.parameter as? Parameter<Float> else { continue }
        parameter.tensor = Tensor(
          (0..<parameter.tensor.count).map { _ in Float(bitPattern: choices.word()) },
          shape: parameter.tensor.shape)
      }
      let names: NameMap = choices.truth() ? .pyTorch : .own
      let other = smallModel()
      _ = attempt { try other.load(model.weights(names: names), names: names) }
      expect(other.weights() == model.weights(), "other weights")
    },
    Target("write-table") { bytes in
      var choices = Choices(bytes)
      let rows = choices.number(below: 5)
      var columns: [Table.Column] = []
      for number in 0..<1 + choices.number(below: 3) {
        let values: Table.Values =
          switch choices.number(below: 4) {
          case 0: .integers((0..<rows).map { _ in Int(Int32(bitPattern: choices.word())) })
          case 1: .numbers((0..<rows).map { _ in Double(Float(bitPattern: choices.word())) })
          case 2: .truths((0..<rows).map { _ in choices.truth() ? choices.truth() : nil })
          default: .texts((0..<rows).map { _ in choices.truth() ? choices.text(upTo: 9) : nil })
          }
        columns.append(Table.Column("\(number)" + choices.text(upTo: 5), values))
      }
      guard Set(columns.map(\.name)).count == columns.count else { return }
      let table = Table(columns)
      let kinds = Dictionary(uniqueKeysWithValues: columns.map { ($0.name, $0.values.kind) })
      let format: Table.Format = choices.truth() ? .csv : .tsv
      let again = attempt {
        try Table(parsing: table.csv(format), file: "f", format, kinds: kinds)
      }
      guard let again else { fail("what was written is not read") }
      expect(again.columns.map(\.name) == columns.map(\.name), "other names")
      for (mine, theirs) in zip(columns, again.columns) {
        expect(isSame(mine.values, theirs.values), "other values of '\(mine.name)'")
      }
    },
    Target("write-vocabulary") { bytes in
      var choices = Choices(bytes)
      var tokens: [String] = []
      while !choices.isEmpty { tokens.append(choices.text(upTo: 6)) }
      let vocabulary = Vocabulary(tokens)
      let again = attempt { try Vocabulary(bytes: Array(vocabulary.text.utf8)) }
      expect(again == vocabulary, "another vocabulary")
    },
    Target("write-picture") { bytes in
      var choices = Choices(bytes)
      let (width, height) = (1 + choices.number(below: 9), 1 + choices.number(below: 9))
      let channels = RasterImage.Channels(rawValue: 1 + choices.number(below: 4))!
      let picture = RasterImage(
        width: width, height: height, channels: channels,
        samples: choices.bytes(width * height * channels.rawValue))
      let again = attempt { try RasterImage(parsing: picture.png(), file: "f") }
      expect(again == picture, "another picture")
    },
  ]
}

extension Choices {
  mutating func word() -> UInt32 { bytes(4).reduce(0) { $0 << 8 | UInt32($1) } }
}

/// A tensor of some type and shape.
private func tensor(_ choices: inout Choices) -> StoredTensor {
  let shape = (0..<choices.number(below: 4)).map { _ in choices.number(below: 4) }
  let count = shape.reduce(1, *)
  func words<Value>(_ value: (UInt32) -> Value) -> [Value] {
    (0..<count).map { _ in value(choices.word()) }
  }
  switch choices.number(below: 6) {
  case 0: return StoredTensor(words { Float(bitPattern: $0) }, shape: shape)
  case 1: return StoredTensor(words { Double(bitPattern: UInt64($0) << 32) }, shape: shape)
  case 2: return StoredTensor(words { Int32(bitPattern: $0) }, shape: shape)
  case 3: return StoredTensor(words { Int64($0) << 20 }, shape: shape)
  case 4: return StoredTensor(words { UInt8(truncatingIfNeeded: $0) }, shape: shape)
  default: return StoredTensor(words { $0 & 1 == 1 }, shape: shape)
  }
}
