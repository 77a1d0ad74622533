package import Autograd
package import Layers

/// What rounding has taken away from the gradients that this rank has sent.
///
/// Each rank saves its own in a file beside the checkpoint, with the step that they are of: where files
/// of the checkpoint's step are found, nothing is lost, with the same number of ranks or another.
package struct RoundingErrors {
  /// By the parameter's position among those that gradients are taken of, as long as it.
  package var values: [Int: Tensor<Float>] = [:]
  /// The number of the step after which they stand; nil while they belong to no finished step.
  package var step: Int?

  private enum Key {
    static let step = "step"
    static let ranks = "ranks"
  }

  /// The errors of some parameters, one after another; nil where there are none.
  func flat(_ positions: [Int], _ parameters: [any AnyParameter]) -> Tensor<Float>? {
    if !positions.contains(where: { values[$0] != nil }) { return nil }
    return Tensor.concatenated(
      positions.map { values[$0] ?? .zeros([parameters[$0].shape.elementCount]) }, axis: 0)
  }

  // MARK: Files

  /// Writes them, if they are those of a step.
  ///
  /// - Parameter names: those of the parameters.
  package func write(
    to path: String, keepingPrevious previous: String, step: Int, names: [String], ranks: Int
  ) throws(FileError) {
    guard self.step == step else { return }
    var file = SafeTensors(metadata: [Key.step: "\(step)", Key.ranks: "\(ranks)"])
    for (position, value) in values { file.tensors[names[position]] = StoredTensor(value.untyped) }
    try file.write(to: path, hasChecksum: true, keepingPrevious: previous)
  }

  /// Adds up what several ranks have saved.
  ///
  /// - Parameters:
  ///   - paths: the files of a rank, the last one first.
  ///   - step: the step of the checkpoint.
  ///   - rank: this one, of `size`; it takes over what the ranks `rank`, `rank + size`, ... have saved.
  ///   - parameters: with their names.
  /// - Returns: nil where a file is missing, damaged, or of another step.
  /// - Throws: `TensorFileError` where it is of another model.
  package init?(
    of paths: (_ rank: Int) -> [String], step: Int, rank: Int, size: Int,
    _ parameters: [(name: String, parameter: any AnyParameter)]
  ) throws {
    // One that is damaged is as good as none: what it held is small beside a gradient.
    func file(_ rank: Int) -> SafeTensors? {
      paths(rank).lazy.compactMap { try? SafeTensors(contentsOf: $0) }
        .first { $0.metadata[Key.step] == "\(step)" }
    }
    guard let count = file(0)?.metadata[Key.ranks].flatMap({ Int($0) }) else { return nil }
    for saved in stride(from: rank, to: count, by: size) {
      guard let file = file(saved) else { return nil }
      for (position, (name, parameter)) in parameters.enumerated() where file.tensors[name] != nil {
        let shape = [parameter.shape.elementCount]
        let error = Tensor<Float>(try file.entry(name, shape: shape).floats(), shape: .init(shape))
        values[position] = values[position].map { $0 + error } ?? error
      }
    }
    self.step = step
  }

  /// None yet.
  package init() {}
}
