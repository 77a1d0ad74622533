import ONNX
import Training
import ZooONNX

private let onnxOption = Option.text(
  "onnx", "FILE",
  help: "where to write the graph; a decoder's two have .encoder and .step before .onnx")

let exportCommand = Command(
  "export", summary: "Writes a trained model for ONNX Runtime and others.",
  words: .init(
    "MODEL", count: 1...1, help: catalogue.map { $0.name }.joined(separator: ", ")),
  options: [onnxOption, Options.weights]
) { arguments, output in
  guard let path = arguments[onnxOption] else {
    throw UsageError("export needs a file: --onnx FILE")
  }
  try recipe(named: arguments.words[0]).export(to: path, arguments, output)
}

extension Recipe {
  /// Writes the model's graphs, with all that its weights file says of it.
  fileprivate static func export(
    to path: String, _ arguments: Arguments, _ output: Output
  ) throws {
    let trained = try Self(file: weightsFile(arguments))
    let model = trained.configuredModel
    guard let exportable = model as? any ONNXExportable else {
      throw ONNXError.unknownLayer(
        path: "", type: "\(type(of: model))", conformance: "ONNXExportable")
    }
    for file in try exportable.save(onnx: path, metadata: trained.fileMetadata()) {
      try output.print(file)
    }
  }
}
