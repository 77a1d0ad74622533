import Autograd
import Layers
import Testing

@Suite struct InitializersTests {
  @Test func `a model that awaits weights takes no memory for them`() {
    var generator = Generator(seed: 1)
    let (layer, table, square) = awaitingWeights {
      (
        TransformerEncoderLayer<Float>(1 << 20, heads: 2, innerSize: 1 << 20, using: &generator),
        Embedding<Float>(count: 1 << 20, size: 1 << 20, padding: 3, using: &generator),
        Tensor<Float>.orthogonal([1 << 20, 1 << 20], using: &generator)
      )
    }
    #expect(layer.feedForward.first.weight.shape == [1 << 20, 1 << 20])
    #expect(table.weight[3, 4].scalar == 0 && square[5, 6].scalar == 0)
    #expect(layer.norm1.weight?[7].scalar == 1)
    var same = Generator(seed: 1)
    #expect(generator.next() == same.next(), "none was drawn")
    // What is written to has memory of its own.
    let linear = awaitingWeights { Linear<Float>(inputs: 20, outputs: 30, using: &generator) }
    linear.$weight.update { $0[7] = 2 }
    #expect(linear.weight.sum().scalar == 2)
  }

  @Test(arguments: [
    [1, 1], [1, 4], [4, 1], [5, 5], [3, 7], [7, 3], [64, 65], [130, 100], [0, 3], [3, 0],
  ])
  func `an orthogonal matrix has orthonormal rows, or columns if there are fewer`(
    extents: [Int]
  ) {
    let shape = Shape(extents)
    var (one, other) = (Generator(seed: 5), Generator(seed: 5))
    let matrix = Tensor<Double>.orthogonal(shape, using: &one)
    #expect(matrix.shape == shape)
    let wide = extents[0] <= extents[1] ? matrix : matrix.transposed()
    let products = matmul(wide, wide.transposed())
    for i in 0..<wide.shape[0] {
      for j in 0..<wide.shape[0] {
        #expect(abs(products[i, j].scalar - (i == j ? 1 : 0)) < 1e-14, "rows \(i) and \(j)")
      }
    }
    // The same numbers as Float: each is rounded, not drawn anew.
    let rounded = Tensor<Float>.orthogonal(shape, using: &other)
    #expect(rounded == matrix.converted(to: Float.self))
  }

  @Test func `an orthogonal matrix is what Gram and Schmidt make of normal numbers`() {
    var (one, other) = (Generator(seed: 6), Generator(seed: 6))
    let matrix = Tensor<Double>.orthogonal([6, 9], using: &one)
    let random = Tensor<Double>.normal([6, 9], using: &other)
    var rows: [[Double]] = []
    for i in 0..<6 {
      var row = (0..<9).map { random[i, $0].scalar }
      for done in rows {
        let share = zip(row, done).reduce(0) { $0 + $1.0 * $1.1 }
        row = zip(row, done).map { $0 - share * $1 }
      }
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      rows.append(row.map { $0 / length })
    }
    for i in 0..<6 { for j in 0..<9 { #expect(abs(matrix[i, j].scalar - rows[i][j]) < 1e-13) } }
  }

  @Test func `uniform initialisers fill their ranges`() {
    var generator = Generator(seed: 7)
    let glorot = Tensor<Float>.glorotUniform([300, 100], using: &generator).scalars
    let fanIn = Tensor<Float>.fanInUniform([300, 100], fanIn: 25, using: &generator).scalars
    for (numbers, bound) in [(glorot, Float(6.0 / 400).squareRoot()), (fanIn, 0.2)] {
      #expect(numbers.allSatisfy { -bound <= $0 && $0 <= bound })
      #expect(numbers.max()! > 0.99 * bound && numbers.min()! < -0.99 * bound)
      let mean = numbers.reduce(0, +) / 30000
      #expect(abs(mean) < 0.02 * bound)
    }
  }

  @Test func `dropout sets the share of elements to zero that it says`() {
    var generator = Generator(seed: 8)
    struct Model: Layer {
      let dropout: Dropout<Float>
      @Parameter var x = Tensor<Float>(repeating: 2, shape: [40_003])
    }
    for rate in [0, 0.1, 0.5, 0.875] {
      let model = Model(dropout: Dropout(rate))
      var copy = generator
      var result: [Float] = []
      _ = valueWithGradient(at: model, using: &generator) { model in
        let y = model.dropout(model.x)
        result = y.detached.scalars
        return y.sum()
      }
      let dropped = result.count { $0 == 0 }
      #expect(abs(Double(dropped) / 40_003 - rate) < 0.01)
      let kept = Float(2 / (1 - rate))
      #expect(result.allSatisfy { $0 == 0 || abs($0 - kept) <= kept.ulp })
      // A word of the call's generator makes four decisions, from its low bits on.
      var words = Generator(seed: copy.next())
      var word: UInt64 = 0
      let differences = result.indices.count { i in
        word = i % 4 == 0 ? words.next() : word >> 16
        return (result[i] == 0) != (word & 0xFFFF < UInt64((rate * 65536).rounded()))
      }
      #expect(differences == 0)
    }
  }
}
