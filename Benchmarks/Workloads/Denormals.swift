import Autograd
import Layers
import Training

extension Workload {
  /// Work on numbers too small to be normal, beside equal work on ordinary ones.
  static var denormals: [Workload] {
    func workload(_ name: String, _ make: @escaping (_ scale: Float) -> Work) -> Workload {
      Workload("denormal", name, reference: ("ordinary numbers", { make(1) })) {
        make(.leastNormalMagnitude / 100)
      }
    }
    func numbers(_ scale: Float) -> Tensor<Float> {
      var generator = Generator(seed: 1)
      return .normal([1 << 18], deviation: scale, using: &generator)
    }
    func function(
      _ name: String, _ body: @escaping (Tensor<Float>) -> Tensor<Float>
    ) -> Workload {
      workload(name) { scale in
        let x = numbers(scale)
        return Work(run: { _ = body(x) })
      }
    }
    return [
      function("add") { $0 + $0 },
      function("multiply") { $0 * 0.7 },
      function("divide") { $0 / 3 },
      function("exp") { exp($0) },
      function("tanh") { tanh($0) },
      function("sigmoid") { sigmoid($0) },
      function("softmax") { softmax($0.reshaped([512, 512]), axis: 1) },
      workload("gemm") { scale in
        let a = numbers(scale).reshaped([512, 512])
        let b = numbers(1).reshaped([512, 512])
        return Work(run: { _ = matmul(a, b) })
      },
      // A loss this small makes every gradient a denormal.
      workload("lstm small") { scale in
        let size = RecurrentSize.all[1]
        let subject = size.lstm
        return Subject(
          model: subject.model, inputs: subject.inputs, output: subject.output,
          loss: { subject.loss($0) * scale }
        ).training
      },
      // The squares of gradients this small are denormal.
      workload("adam") { scale in
        optimization({ Adam(learningRate: 1e-3) }, gradient: scale.squareRoot())
      },
    ]
  }
}
