import Autograd
import Layers
import Testing
import Training

/// `copy()` makes a model of its own, whatever the model is made of.
@Suite struct CopyTests {
  /// Traps of the library, or user's layers, of every shape that `parameters` looks into.
  struct Part<Scalar: FloatingPointScalar>: Layer {
    let weight: Linear<Scalar>
    let scale: Scalar = 2

    init(_ generator: inout Generator) { weight = Linear(inputs: 2, outputs: 3, using: &generator) }
  }

  private struct Wide: Layer {
    // More than fits into an existential without a box.
    let first, second, third: Linear<Float>
    let name = "a text that is too long to be held in place"

    init(_ generator: inout Generator) {
      first = Linear(inputs: 2, outputs: 2, using: &generator)
      second = Linear(inputs: 2, outputs: 2, bias: false, using: &generator)
      third = Linear(inputs: 2, outputs: 2, using: &generator)
    }
  }

  private protocol Named { var name: String { get } }

  private enum Branch: Layer {
    case plain(Linear<Float>)
    case any(any Layer)
    case pair(Int, inner: Part<Float>)
    case nothing
  }

  private struct House<Item: Layer>: Layer {
    let list: [Item]
    let slice: ArraySlice<Item>
    let contiguous: ContiguousArray<Item?>
    let nested: [[String: [Item]]]
    let optional: Item?
    let missing: Item?
    let twice: Item??
    let pair: (Int, left: Item, right: (Item, String))
    let anything: any Layer
    let mixed: [any Layer]
    let named: [String: any Layer]
    let perhaps: (any Layer)?
    let branches: [Branch]
    let outcome: Result<Item, any Error>
    @Parameter var own: Tensor<Double>
    @OptionalParameter var bias: Tensor<Float>?
    @OptionalParameter var none: Tensor<Float>?
    let box: any AnyParameter
    let tied: Linear<Float>
    let table: Tensor<Float>
    let activation: @Sendable (Tensor<Float>) -> Tensor<Float> = { tanh($0) }
    lazy var later = 3

    init(_ make: (inout Generator) -> Item) {
      var generator = Generator(seed: 7)
      func items(_ count: Int) -> [Item] { (0..<count).map { _ in make(&generator) } }
      list = items(3)
      slice = items(4)[1...2]
      contiguous = [make(&generator), nil]
      nested = [["b": items(1), "a": items(2)], [:]]
      optional = make(&generator)
      missing = nil
      twice = make(&generator)
      pair = (1, make(&generator), (make(&generator), "x"))
      anything = Wide(&generator)
      mixed = [make(&generator), Wide(&generator), Part<Double>(&generator)]
      named = ["x": Wide(&generator), "y": make(&generator)]
      perhaps = Wide(&generator)
      branches = [
        .plain(Linear(inputs: 2, outputs: 2, using: &generator)), .any(Wide(&generator)),
        .any(make(&generator)),
        .pair(4, inner: Part(&generator)), .nothing,
      ]
      outcome = .success(make(&generator))
      _own = Parameter(wrappedValue: .normal([2, 2], using: &generator))
      _bias = OptionalParameter(wrappedValue: .normal([3], using: &generator))
      _none = OptionalParameter(wrappedValue: nil)
      box = Parameter<Float>(wrappedValue: .normal([2], using: &generator))
      tied = Linear(sharing: _bias.projectedValue!.square, bias: true)
      table = .ones([2])
    }
  }

  /// Checks a copy: same names and numbers, no parameter in common, and a life of its own.
  static func check<Model: Layer>(_ model: Model, sourceLocation: SourceLocation = #_sourceLocation)
  {
    func place() -> SourceLocation { sourceLocation }
    let names = model.parameters.map(\.parameter.name)
    let before = model.parameters.map(\.parameter.scalars)
    for (index, item) in model.parameters.enumerated() {
      item.parameter.isFrozen = index % 3 == 1
    }
    let copy = model.copy()
    let (mine, theirs) = (model.parameters, copy.parameters)
    #expect(mine.map(\.name) == theirs.map(\.name), sourceLocation: place())
    #expect(theirs.map(\.parameter.name) == names, sourceLocation: place())
    #expect(
      model.tiedNames.map { [$0.name, $0.first] } == copy.tiedNames.map { [$0.name, $0.first] },
      sourceLocation: place())
    #expect(model.description == copy.description, sourceLocation: place())
    let boxes = Set(mine.map { ObjectIdentifier($0.parameter) })
    for ((name, old), (_, new)) in zip(mine, theirs) {
      #expect(!boxes.contains(ObjectIdentifier(new)), "\(name)", sourceLocation: place())
      #expect(old.isFrozen == new.isFrozen, "\(name)", sourceLocation: place())
      #expect(old.scalars == new.scalars, "\(name)", sourceLocation: place())
      new.scalars = new.scalars.map { _ in 0.5 }
    }
    #expect(model.parameters.map(\.parameter.scalars) == before, sourceLocation: place())
    for item in mine { item.parameter.scalars = item.parameter.scalars.map { _ in 0.25 } }
    #expect(
      copy.parameters.allSatisfy { $0.parameter.scalars.allSatisfy { $0 == 0.5 } },
      sourceLocation: place())
    // A copy of a copy, after the original has gone.
    Self.checkAgain(copy.copy(), copy)
  }

  private static func checkAgain(_ copy: some Layer, _ model: some Layer) {
    let boxes = Set(model.parameters.map { ObjectIdentifier($0.parameter) })
    #expect(copy.parameters.allSatisfy { !boxes.contains(ObjectIdentifier($0.parameter)) })
  }

  @Test func `a model of every kind of part has a copy of its own`() {
    let house = House { Part<Float>(&$0) }
    #expect(house.parameters.count == 70)
    #expect(house.tiedNames.isEmpty)
    Self.check(house)
    Self.check(House { Part<Double>(&$0) })
    Self.check(House { Wide(&$0) })
    Self.check(House { _ in Branch.nothing })
  }

  @Test func `tied weights stay tied in the copy, and to the copy alone`() {
    struct Tied: Layer {
      let embedding: Embedding<Float>
      let output: Linear<Float>
      let again: [Linear<Float>]
    }
    var generator = Generator(seed: 1)
    let embedding = Embedding<Float>(count: 5, size: 3, using: &generator)
    let output = Linear(sharing: embedding.$weight)
    let model = Tied(embedding: embedding, output: output, again: [output, output])
    let copy = model.copy()
    #expect(copy.tiedNames.count == 5 && copy.parameters.count == 2)
    copy.embedding.$weight.tensor = .zeros([5, 3])
    #expect(copy.again[1].weight == .zeros([5, 3]))
    #expect(model.output.weight != .zeros([5, 3]))
    Self.check(model)
  }

  @Test func `a copy is trained, or not, by itself`() {
    var generator = Generator(seed: 2)
    let model = LSTM<Float>(
      inputSize: 3, hiddenSize: 4, layers: 2, isBidirectional: true, using: &generator)
    let x = Tensor<Float>.normal([2, 5, 3], using: &generator)
    let teacher = model.copy()
    let before = teacher(x).outputs
    #expect(model(x).outputs == before)
    var optimizer = SGD(learningRate: 0.1)
    for _ in 0..<2 {
      let gradients = valueWithGradient(at: model) { square($0(x).outputs).sum() }.gradients
      optimizer.update(model, along: gradients)
    }
    #expect(teacher(x).outputs == before)
    #expect(model(x).outputs != before)
    // Gradients of one are none of the other.
    let gradients = valueWithGradient(at: teacher) { square($0(x).outputs).sum() }.gradients
    #expect(gradients.count == 16)
    #expect(
      gradients.parameters.allSatisfy { mine in !model.parameters.contains { $0.parameter === mine }
      })
  }

  @Test func `a part keeps the names that it has in the whole`() {
    struct Whole: Layer { let part: Linear<Float> }
    var generator = Generator(seed: 1)
    let whole = Whole(part: Linear(inputs: 2, outputs: 2, using: &generator))
    _ = whole.parameters
    let copy = whole.part.copy()
    #expect(copy.$weight.name == "part.weight")
    #expect(whole.part.$weight.name == "part.weight")
  }

  @Test func `layers of all kinds have copies`() {
    var generator = Generator(seed: 3)
    Self.check(Linear<Double>(inputs: 2, outputs: 3, using: &generator))
    Self.check(Embedding<Float>(count: 4, size: 3, using: &generator))
    Self.check(Conv1d<Float>(inputs: 2, outputs: 3, width: 2, using: &generator))
    Self.check(LayerNorm<Float>([4]))
    Self.check(BatchNorm<Float>(3))
    Self.check(RNN<Float>(inputSize: 2, hiddenSize: 3, using: &generator))
    Self.check(
      GRU<Double>(
        inputSize: 2, hiddenSize: 3, layers: 2, isBidirectional: true, dropout: 0.1,
        using: &generator))
    Self.check(LSTM<Float>(inputSize: 2, hiddenSize: 3, projectionSize: 2, using: &generator))
    Self.check(
      Attention(AdditiveScore<Float>(querySize: 4, keySize: 5, hiddenSize: 6, using: &generator)))
    Self.check(MultiHeadAttention<Float>(4, heads: 2, using: &generator))
    Self.check(AttentionLayer<Float>(4, using: &generator))
    Self.check(TransformerEncoderLayer<Float>(4, heads: 2, innerSize: 8, using: &generator))
    Self.check(TransformerDecoderLayer<Float>(4, heads: 2, innerSize: 8, using: &generator))
    Self.check(Checkpointed(LSTMCell<Float>(inputSize: 2, hiddenSize: 3, using: &generator)))
    Self.check(Dropout<Float>(0.5))
  }
}

extension Parameter where Scalar == Float {
  /// A square matrix in place of a vector.
  fileprivate var square: Parameter { Parameter(wrappedValue: .ones([shape[0], shape[0]])) }
}

// MARK: What cannot be copied

/// Models that hold parameters where no copy can replace them.
enum Uncopied {
  final class Object: Layer {
    let inner: Linear<Float>
    init() {
      var generator = Generator(seed: 1)
      inner = Linear(inputs: 2, outputs: 2, using: &generator)
    }
  }

  struct WithObject: Layer {
    let parts = [Object()]
  }

  indirect enum Tree: Layer {
    case leaf(Linear<Float>)
    case node([Tree])
  }

  struct WithTree: Layer {
    let tree: Tree
    init() {
      var generator = Generator(seed: 1)
      tree = .node([.leaf(Linear(inputs: 2, outputs: 2, using: &generator))])
    }
  }

  /// Shows a layer that only a closure holds.
  struct Hidden: Layer, CustomReflectable {
    let content: @Sendable () -> Linear<Float>
    init() {
      var generator = Generator(seed: 1)
      let layer = Linear<Float>(inputs: 2, outputs: 2, using: &generator)
      content = { layer }
    }
    var customMirror: Mirror {
      Mirror(self, children: ["content": content()], displayStyle: .struct)
    }
  }

  struct WithHidden: Layer { let hidden = Hidden() }
}
