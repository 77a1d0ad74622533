import ArticleExamples
import Autograd
import Testing

@Suite struct Article003Tests {
  private let x = Tensor<Double>([[1, 0], [0, 2], [3, -1]])

  @Test func `a weighted sum`() {
    #expect(Article003.weightedSum(Tensor([0.25, 0.5, 0.125]), x).scalars == [0.625, 0.875])
  }

  @Test func `every element looks at all of them`() {
    let (output, weights) = Article003.selfAttention(x)
    let rows = [[1.0, 0], [0, 2], [3, -1]]
    for (i, row) in rows.enumerated() {
      let scores = rows.map { exp((row[0] * $0[0] + row[1] * $0[1]) / sqrt(2.0)) }
      for (j, score) in scores.enumerated() {
        #expect(abs(weights[i, j].scalar - score / scores.reduce(0, +)) < 1e-15)
      }
    }
    #expect((output - matmul(weights, x)).scalars.allSatisfy { abs($0) < 1e-15 })
  }
}
