import ArticleExamples
import Autograd
import Testing

@Suite struct Article004Tests {
  @Test func `queries look at values by their dot products`() {
    let query = Tensor<Double>([1, 2, 0, -1], shape: [1, 2, 2])
    let values = Tensor<Double>([0.5, 1, -1, 0.25, 2, 0], shape: [1, 3, 2])
    let (context, alphas) = Article004.AttentionLayer()(query, values)
    let (q, v) = ([[1, 2], [0, -1.0]], [[0.5, 1], [-1, 0.25], [2, 0.0]])
    for (row, query) in q.enumerated() {
      let scores = v.map { exp(query[0] * $0[0] + query[1] * $0[1]) }
      let weights = scores.map { $0 / scores.reduce(0, +) }
      for (key, weight) in weights.enumerated() {
        #expect(abs(alphas[0, row, key].scalar - weight) < 1e-15)
      }
      for axis in 0..<2 {
        let sum = zip(weights, v).reduce(0) { $0 + $1.0 * $1.1[axis] }
        #expect(abs(context[0, row, axis].scalar - sum) < 1e-15)
      }
    }
  }
}
