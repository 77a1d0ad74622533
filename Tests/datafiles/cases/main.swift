import FoundationEssentials
import Interchange
import Platform

// data-cases FOLDER: says what each file of the folder holds, in `.npz` files of the folder `read`, and
// writes it again into the folder `written`.

/// What a picture holds, and its forms with and without colour.
func picture(_ path: String, _ read: String, _ written: String) throws {
  let image = try RasterImage(contentsOf: path)
  try [
    "samples": StoredTensor(Tensor<UInt8>(image)),
    "rgb": StoredTensor(Tensor<UInt8>(image.converted(to: .rgb))),
    "gray": StoredTensor(Tensor<UInt8>(image.converted(to: .gray))),
    "normalized": StoredTensor(
      Tensor<UInt8>(image).normalized(mean: [0.5], deviation: [0.25]) as Tensor<Float>),
  ].write(npz: "\(read).npz")
  try RasterImage(Tensor<UInt8>(image)).write(png: "\(written).png")
  if image.channels == .gray || image.channels == .rgb {
    try image.write(pixmap: "\(written).ppm")
  }
}

/// What a sound holds; written in every form.
func sound(_ path: String, _ read: String, _ written: String) throws {
  let sound = try Waveform(contentsOf: path)
  let rate = Tensor<Int32>(Int32(sound.sampleRate))
  try [
    "samples": StoredTensor(Tensor<Float>(sound)), "rate": StoredTensor(rate),
  ].write(npz: "\(read).npz")
  for format in SampleFormat.allCases {
    try sound.write(wav: "\(written).\(format).wav", as: format)
  }
}

/// What a table holds: columns of numbers as arrays, and all of it as JSON lines; written as a table.
func table(_ table: Table, _ format: Table.Format, _ read: String, _ written: String) throws {
  var arrays: [String: StoredTensor] = [:]
  for (index, column) in table.columns.enumerated() {
    switch column.values {
    case .integers(let values):
      arrays["\(index)"] = StoredTensor(values.map(Int64.init), shape: [values.count])
    case .numbers(let values): arrays["\(index)"] = StoredTensor(values, shape: [values.count])
    case .truths, .texts: continue
    }
  }
  try arrays.write(npz: "\(read).npz")
  try table.write(jsonLines: "\(read).jsonl")
  try table.write(csv: written, format)
}

/// Tensors of several types, as PyTorch's files and, but for one, as NumPy's.
func tensors(_ folder: String) throws {
  let numbers = Tensor<Float>([1.5, -2, 0.1, 1e30, .infinity, -0.0], shape: [3, 2])
  var tensors: [String: StoredTensor] = [
    "float32": StoredTensor(numbers), "float64": StoredTensor(numbers.converted(to: Double.self)),
    "int32": StoredTensor(Tensor<Int32>([1, -2, 3])), "scalar": StoredTensor(Tensor<Float>(2.5)),
    "uint8": StoredTensor(Tensor<UInt8>([0, 255])),
    "bool": StoredTensor(Tensor<Bool>([true, false])),
    "empty": StoredTensor(Tensor<Float>.zeros([0, 3])),
    "int64": StoredTensor([Int64.min, 7], shape: [2]),
  ]
  try tensors.write(npz: "\(folder)/tensors.npz")
  tensors["bfloat16"] = try StoredTensor(numbers).converted(to: .bfloat16)
  try tensors.write(pt: "\(folder)/tensors.pt")
  try tensors.write(pt: "\(folder)/nested.pt", under: ["run", "state_dict"])
}

func readAll(_ folder: String) throws -> Int {
  for name in ["read", "written"] { try createDirectory("\(folder)/\(name)") }
  try tensors("\(folder)/written")
  var count = 0
  for file in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
    let (path, read, written) = (
      "\(folder)/\(file)", "\(folder)/read/\(file)", "\(folder)/written/\(file)"
    )
    switch file.split(separator: ".").last {
    case "png", "ppm", "pgm": try picture(path, read, written)
    case "wav": try sound(path, read, written)
    case "csv": try table(Table(contentsOf: path), .csv, read, written)
    case "tsv": try table(Table(contentsOf: path, .tsv), .tsv, read, written)
    case "jsonl": try table(Table(jsonLines: path), .csv, read, written)
    default: continue
    }
    count += 1
  }
  return count
}

do {
  print(try readAll(CommandLine.arguments.dropFirst().first ?? "."), "files")
} catch {
  CurrentProcess.end(saying: "data-cases: \(error)")
}
