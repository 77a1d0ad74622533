let model = SimpleRNN<Float>(.init(inputSize: 1, hiddenSize: 2, outputSize: 3), using: &generator)
