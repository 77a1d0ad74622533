import Pronunciation
import Training

package let inspectCommand = Command(
  "inspect", summary: "What a weights file holds: names, types and shapes of its tensors.",
  words: .init("FILE", count: 1...1, help: "a safetensors file")
) { arguments, output in
  let file = try SafeTensors(contentsOf: arguments.words[0])
  for (key, value) in file.metadata.sorted(by: { $0.key < $1.key }) {
    try output.print("\(key): \(value)")
  }
  let rows = file.tensors.sorted { $0.key < $1.key }.map { name, entry in
    (name, "\(entry.dtype.name) [\(entry.shape.map(String.init).joined(separator: ", "))]")
  }
  try output.print(table(rows), terminator: "")
  let count = file.tensors.values.reduce(0) { $0 + $1.count }
  try output.print("\(file.tensors.count) tensors, \(count) numbers")
}
