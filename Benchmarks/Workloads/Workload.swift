import Autograd
import Layers
import Training

/// A piece of work that is measured, with the names that the peers give it.
package struct Workload {
  package let name: String
  package let size: String
  /// Multiply-adds that bound its time, as floating-point operations; 0 if nothing is known.
  package let operations: Double
  /// Bytes to and from memory that bound its time; 0 if what it touches fits in the caches.
  package let bytes: Double
  /// Number of equal things that one run does: its time is divided by it.
  package let count: Int
  /// Work that does the same in another way, to be measured beside it.
  package let reference: Reference?
  private let prepare: () -> Work

  package typealias Reference = (name: String, make: () -> Work)

  init(
    _ name: String, _ size: String, operations: Double = 0, bytes: Double = 0, count: Int = 1,
    reference: Reference? = nil, make: @escaping () -> Work
  ) {
    self.name = name
    self.size = size
    self.operations = operations
    self.bytes = bytes
    self.count = count
    self.reference = reference
    prepare = make
  }

  /// Makes the work, with no memory left over from other work: nothing of that is measured.
  package func make() -> Work {
    BufferPool.trim()
    return prepare()
  }

  /// Name and size.
  package var title: String { "\(name) \(size)" }

  /// All of them.
  package static var all: [Workload] {
    [
      models, sentenceEncoder, captioner, longSequences, tape, products, elementwise, orders,
      windows, optimizers,
      ownCells, denormals,
    ].flatMap(\.self)
  }
}

/// Work that is ready to run.
package struct Work {
  /// What is measured.
  package let run: () -> Void
  /// The tensors with which another system does the same work, and what comes out of it:
  /// `weight.NAME`, `input.NAME` and `result.NAME`. Nil for work that is compared with none.
  package let exchange: (() -> SafeTensors)?

  init(run: @escaping () -> Void, exchange: (() -> SafeTensors)? = nil) {
    self.run = run
    self.exchange = exchange
  }

  /// A function of tensors.
  init(_ inputs: [String: Tensor<Float>], _ function: @escaping () -> Tensor<Float>) {
    self.init(
      run: { _ = function() },
      exchange: {
        var file = SafeTensors()
        for (name, tensor) in inputs { file.tensors["input." + name] = .init(tensor) }
        file.tensors["result.output"] = .init(function())
        return file
      })
  }
}

extension StoredTensor {
  init(_ tensor: Tensor<Float>) {
    self.init(tensor.scalars, shape: Array(tensor.shape))
  }

  init(_ tensor: Tensor<Int32>) {
    self.init(tensor.scalars, shape: Array(tensor.shape))
  }
}
