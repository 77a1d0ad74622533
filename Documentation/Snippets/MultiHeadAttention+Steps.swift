let attention = MultiHeadAttention<Float>(8, heads: 2, using: &generator)
let x = [Tensor<Float>.zeros([1, 1, 8])]
var y = x[0]
