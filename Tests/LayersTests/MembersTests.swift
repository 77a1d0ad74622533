import Autograd
import Layers
import Testing

/// What is remembered of models, so that each step need not look for parameters: their names, by where
/// they are, and nothing of the models.
@Suite struct MembersTests {
  private enum Branch: Layer {
    case first(Linear<Float>)
    case second(Linear<Float>)
    case none
  }

  private struct Model: Layer {
    var layers: [Linear<Float>]
    var optional: Linear<Float>?
    var perhaps: [Linear<Float>?]
    var branch: Branch
    var anything: any Layer
    var named: [String: Linear<Float>]
  }

  private struct Small: Layer {
    let layer: Linear<Float>
    let rnn: GRU<Float>

    init(_ seed: UInt64) {
      var generator = Generator(seed: seed)
      layer = Linear(inputs: 2, outputs: 3, using: &generator)
      rnn = GRU(inputSize: 3, hiddenSize: 4, layers: 2, using: &generator)
    }
  }

  private static func linear(_ seed: UInt64) -> Linear<Float> {
    var generator = Generator(seed: seed)
    return Linear(inputs: 2, outputs: 1, bias: false, using: &generator)
  }

  private static func model() -> Model {
    Model(
      layers: [linear(1), linear(2)], optional: nil, perhaps: [nil, linear(3)],
      branch: .first(linear(4)), anything: linear(5), named: [:])
  }

  /// The names of a model's parameters, after a step that met each of them under its name.
  private static func names(_ model: Model) -> [String] {
    let parameters = model.parameters
    let (_, gradients) = valueWithGradient(at: model) { model in
      let sums = model.parameters.map { ($0.parameter as! Parameter<Float>).wrappedValue.sum() }
      return sums.reduce(Tensor(0), +)
    }
    for (name, parameter) in parameters {
      #expect(parameter.name == name)
      #expect(gradients.scalars(of: parameter) == [1, 1])
    }
    return parameters.map(\.name)
  }

  @Test func `a model that is dropped is gone, however often it was trained`() {
    weak var first: AnyObject?
    weak var last: AnyObject?
    do {
      let model = Small(1)
      first = model.layer.$weight
      last = model.rnn.parameters.last!.parameter
      for _ in 0..<3 {
        _ = valueWithGradient(at: model) {
          $0.rnn($0.layer(Tensor.zeros([1, 2, 2]))).outputs.sum()
        }
      }
      #expect(first != nil && last != nil)
    }
    #expect(first == nil && last == nil)
  }

  @Test func `each change of a model is seen`() {
    var model = Self.model()
    let before = ["layers.0.weight", "layers.1.weight", "perhaps.1.weight", "branch.first.weight"]
    func expect(_ names: [String]) {
      // The second time from what is known.
      for _ in 0..<2 { #expect(Self.names(model) == names) }
    }
    expect(before + ["anything.weight"])
    // In their place, under the same names.
    model.layers[1] = Self.linear(7)
    model.anything = Self.linear(8)
    expect(before + ["anything.weight"])
    // The same parameters in the same order in other places.
    model.perhaps = [model.perhaps[1], nil]
    if case .first(let layer) = model.branch { model.branch = .second(layer) }
    let moved = ["layers.0.weight", "layers.1.weight", "perhaps.0.weight", "branch.second.weight"]
    expect(moved + ["anything.weight"])
    model.anything = Model(
      layers: [], optional: model.anything as? Linear<Float>, perhaps: [], branch: .none,
      anything: Self.linear(9), named: [:])
    let inner = ["anything.optional.weight", "anything.anything.weight"]
    expect(moved + inner)
    model.named["a"] = Self.linear(10)
    expect(moved + inner + ["named.a.weight"])
    model.named = ["b": model.named["a"]!]
    model.branch = .none
    model.optional = model.layers.removeFirst()
    expect(
      ["layers.0.weight", "optional.weight", "perhaps.0.weight"] + inner + ["named.b.weight"])
  }

  @Test func `tied parameters are met once, also from what is known`() {
    let shared = Self.linear(1)
    let model = Model(
      layers: [shared, Self.linear(2)], optional: shared, perhaps: [], branch: .first(shared),
      anything: shared, named: [:])
    for _ in 0..<3 {
      #expect(model.parameters.map(\.name) == ["layers.0.weight", "layers.1.weight"])
      #expect(
        model.tiedNames.map(\.name) == [
          "optional.weight", "branch.first.weight", "anything.weight",
        ])
      #expect(model.tiedNames.allSatisfy { $0.first == "layers.0.weight" })
    }
  }

  @Test func `many models at once keep their parameters apart`() async {
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<32 {
        group.addTask {
          let models = (0..<4).map { Small(UInt64(number * 4 + $0)) }
          for _ in 0..<20 {
            for model in models {
              let (_, gradients) = valueWithGradient(at: model) { $0.layer.weight.sum() }
              #expect(gradients[model.layer.$weight]?.scalars == [Float](repeating: 1, count: 6))
            }
          }
        }
      }
    }
  }
}
