import Autograd

extension Workload {
  /// Two thousand operations on four numbers, forward and backward.
  static var tape: [Workload] {
    [
      Workload("op_overhead", "4", count: 2000) {
        let a = Tensor<Float>.ones([4])
        return Work(["a": a]) {
          valueWithGradient(at: a) { a in
            var z = a
            for _ in 0..<1000 { z = z * a + a }
            return z.sum()
          }.gradient
        }
      }
    ]
  }

  /// Products `m x k` times `k x n` at the shapes of the models: `gemm` of matrices as they lie,
  /// `gemm_nt` with the right side transposed, as forward passes need it, `gemm_tn` with the left
  /// one, as the gradients of weights do.
  static var products: [Workload] {
    let plain = [
      (1024, 1024, 1024), (64, 256, 256), (64, 256, 768), (32, 64, 192), (1, 512, 512),
      (64, 768, 256), (64, 1024, 256), (64, 4096, 1024), (2048, 1024, 256),
    ]
    let rightTransposed = [
      (32, 64, 192), (64, 256, 256), (64, 256, 768), (64, 256, 1024), (64, 1024, 1024),
      (6400, 128, 1024), (2048, 256, 1024), (1, 512, 1536),
    ]
    let leftTransposed = [
      (192, 1024, 64), (256, 6400, 256), (1024, 6400, 128), (1024, 2048, 256),
      (1024, 4096, 1024),
    ]
    return plain.map { product("gemm", $0) { matmul($0, $1) } }
      + rightTransposed.map { product("gemm_nt", $0, right: true) { matmul($0, $1.transposed()) } }
      + leftTransposed.map { product("gemm_tn", $0, left: true) { matmul($0.transposed(), $1) } }
  }

  private static func product(
    _ name: String, _ shape: (m: Int, k: Int, n: Int), left: Bool = false, right: Bool = false,
    _ multiply: @escaping (Tensor<Float>, Tensor<Float>) -> Tensor<Float>
  ) -> Workload {
    let (m, k, n) = shape
    let size = m == n && n == k ? "\(m)" : "\(m)x\(k)x\(n)"
    return Workload(name, size, operations: 2 * Double(m * k * n)) {
      var generator = Generator(seed: 1)
      let a = Tensor<Float>.normal(left ? [k, m] : [m, k], using: &generator)
      let b = Tensor<Float>.normal(right ? [n, k] : [k, n], using: &generator)
      return Work(["a": a, "b": b]) { multiply(a, b) }
    }
  }

  /// Functions of sixteen million numbers.
  static var elementwise: [Workload] {
    func workload(
      _ name: String, _ function: @escaping (Tensor<Float>) -> Tensor<Float>
    ) -> Workload {
      Workload(name, "16M", bytes: 2 * 4 * 16_777_216) {
        var generator = Generator(seed: 1)
        let x = Tensor<Float>.uniform([4096, 4096], in: -3...3, using: &generator)
        return Work(["x": x]) { function(x) }
      }
    }
    return [
      workload("tanh") { tanh($0) }, workload("exp") { exp($0) },
      workload("softmax") { softmax($0, axis: 1) }, workload("add") { $0 + $0 },
    ]
  }

  /// What puts the elements of a matrix in another order: sorted by rows and the five largest of each
  /// row, both with where they were, and a transposed copy.
  static var orders: [Workload] {
    func workload(
      _ name: String, _ function: @escaping (Tensor<Float>) -> Tensor<Float>
    ) -> Workload {
      Workload(name, "1024") {
        var generator = Generator(seed: 1)
        let x = Tensor<Float>.normal([1024, 1024], using: &generator)
        return Work(["x": x]) { function(x) }
      }
    }
    return [
      workload("sort") { $0.sorted(axis: 1).values },
      workload("top") { $0.topK(5, axis: 1).values },
      workload("transpose") { Tensor(Compute.contiguous($0.transposed().untyped)) },
    ]
  }
}
