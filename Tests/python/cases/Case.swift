import Autograd
import Interchange
import Layers
import Platform
import Training

/// A model with what it makes of some inputs, and what some training steps make of it.
struct Case {
  /// Steps of training, by Adam at 0.01 with the norm of gradients at most 1, dropout drawn from seed 5.
  static let steps = 3

  /// What it is called.
  let name: String
  private let save: (_ folder: String) throws -> Void
  private let arrays: [String: StoredTensor]
  private let train: () -> [Double]

  /// - Parameters:
  ///   - kind: the model's name in the library.
  ///   - inputs: of the first function, by name.
  ///   - apply: what it gives, by name.
  ///   - targets: beside the inputs in training.
  ///   - examples: inputs of training; those of the function if nil.
  ///   - loss: what training makes smaller.
  init<Model: ConfiguredModel, Scalar: FloatingPointScalar>(
    _ name: String, kind: String, _ model: Model, inputs: [String: StoredTensor],
    apply: (Model) -> [String: StoredTensor], examples: [String: StoredTensor]? = nil,
    targets: [String: StoredTensor], loss: @escaping (Model, inout Generator) -> Tensor<Scalar>
  ) {
    self.name = name
    save = { try model.save(toFolder: $0, metadata: ["model": kind]) }
    var arrays: [String: StoredTensor] = [:]
    for (part, tensors) in [
      ("input", inputs), ("output", withoutGradient { apply(model) }),
      ("example", examples ?? inputs), ("target", targets),
    ] {
      for (name, tensor) in tensors { arrays["\(part).\(name)"] = tensor }
    }
    self.arrays = arrays
    train = {
      var (generator, drawing) = (Generator(seed: 5), Generator(seed: ~5))
      var optimizer = Adam(learningRate: 0.01)
      return (0..<Self.steps).map { _ in
        let (value, gradients) = valueWithGradient(at: model, using: &generator) {
          loss($0, &drawing)
        }
        optimizer.update(model, along: gradients.clipped(toNorm: 1))
        return Double(value.scalar)
      }
    }
  }

  /// Writes the model before training, `model`, and after it, `trained`, and all arrays.
  func write(to folder: String) throws {
    try FileSystem.makeDirectory(folder)
    try save("\(folder)/model")
    var all = arrays
    all["losses"] = StoredTensor(train(), shape: [Self.steps])
    try all.write(npz: "\(folder)/arrays.npz")
    try save("\(folder)/trained")
  }
}

/// Whole numbers of equally long rows.
func whole(_ rows: [[Int32]]) -> StoredTensor {
  StoredTensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count])
}

/// Whole numbers in a row, as NumPy has them by itself.
func whole(_ numbers: [Int]) -> StoredTensor {
  StoredTensor(numbers.map { Int64($0) }, shape: [numbers.count])
}

func filed<Scalar>(_ tensor: Tensor<Scalar>) -> StoredTensor { StoredTensor(tensor) }
