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

func readAll(_ folder: String) throws -> Int {
  for name in ["read", "written"] { try createDirectory("\(folder)/\(name)") }
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
