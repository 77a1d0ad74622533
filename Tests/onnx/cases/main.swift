import Platform
import Training

// onnx-cases FOLDER: writes a folder for each case into one that is there.

let folder = CommandLine.arguments.dropFirst().first ?? "."
do {
  let cases =
    try layerCases() + recurrentCases() + attentionCases() + ownCases() + zooCases()
    + shippedCases()
  for one in cases { try one.write(to: "\(folder)/\(one.name)") }
  print("\(cases.count) cases")
} catch {
  CurrentProcess.end(saying: "onnx-cases: \(error)")
}
