// A reader's variables, which stand before each snippet in its function.
var generator = Generator(seed: 1)
var model = ExampleModel<Float>(using: &generator)
var student = model
var optimizer = Adam(learningRate: 1e-3)
var trainer = Trainer(.init(epochs: 1), optimizer: optimizer)
var batch = ExampleBatch(inputs: Tensor([0]), labels: Tensor([0]), count: 1)
var batches = [batch]
var parts = [batch]
var heldOut = [batch]
var gradients = valueAndGradients(model, batch).1
var loss = Tensor<Float>(0)
let data = ExampleData()
let words = ["a", "b"]
let (epochs, seen, step, length) = (1, 1, 1, 1)
let validationLoss = 1.0
let lengths = [2, 1]
let (weights, request, images) = (
  Tensor<Float>([[1]]), Tensor<Float>([[1]]), Tensor<Float>([[1]])
)
let (annotations, states) = (Tensor<Float>.zeros([1, 2, 512]), Tensor<Float>.zeros([1, 2, 8]))
let isWord = Tensor<Bool>([[true, true]])
var state = Tensor<Float>.zeros([1, 256])
