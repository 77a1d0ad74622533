import Autograd

/// A program of random operations on random tensors: a function from tensors to a number.
///
/// The same seed draws the same program. Numbers and sizes stay small, and what is divided by stays
/// away from 0, so that finite differences mean something.
struct RandomProgram {
  /// An operation with its operands chosen: from the tensors so far to one more.
  typealias Step = ([Tensor<Double>]) -> Tensor<Double>

  let seed: UInt64
  let inputs: [Tensor<Double>]
  /// A direction in which the inputs move.
  let direction: [Tensor<Double>]
  private(set) var names: [String] = []
  private var steps: [Step] = []
  private var weights: [Tensor<Double>] = []

  init(seed: UInt64) {
    self.seed = seed
    var draw = Draw(seed: seed)
    inputs = (0..<draw.number(in: 1...3)).map { _ in draw.tensor(draw.shape()) }
    direction = inputs.map { draw.tensor($0.shape) }
    var values = inputs
    let length = draw.number(in: 2...9)
    var attempts = 0
    while steps.count < length && attempts < 60 {
      attempts += 1
      let family = draw.element(of: Self.families)
      guard let (name, step) = family(&draw, values) else { continue }
      let value = step(values)
      guard Self.isTame(value) else { continue }
      names.append(name)
      steps.append(step)
      values.append(value)
    }
    weights = values.map { draw.tensor($0.shape) }
  }

  /// The weighted sum of all tensors that the program makes.
  func callAsFunction(_ inputs: [Tensor<Double>]) -> Tensor<Double> {
    var values = inputs
    for step in steps { values.append(step(values)) }
    return zip(values, weights).reduce(Tensor(0)) { $0 + ($1.0 * $1.1).sum() }
  }

  private static func isTame(_ value: Tensor<Double>) -> Bool {
    value.count > 0 && value.count <= 48 && value.rank <= 5
      && value.scalars.allSatisfy { abs($0) < 20 }
  }

  /// Draws an operation that the tensors so far allow; nil if the draw does not fit them.
  typealias Family = @Sendable (inout Draw, [Tensor<Double>]) -> (name: String, step: Step)?

  static let families: [Family] = [
    elementwise, elementwise, arithmetic, arithmetic, arithmetic, reduction, reduction, shape,
    shape, indexing, window, product, product, normalization, attention, segment,
  ]
}

/// The random choices of a program.
struct Draw {
  private var generator: Generator

  init(seed: UInt64) { generator = Generator(seed: seed) }

  mutating func number(in range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }

  mutating func chance() -> Bool { number(in: 0...1) == 1 }

  mutating func element<Element>(of list: [Element]) -> Element {
    list[number(in: 0...(list.count - 1))]
  }

  mutating func shape() -> Shape {
    Shape((0..<number(in: 0...3)).map { _ in number(in: 1...3) })
  }

  mutating func tensor(_ shape: Shape) -> Tensor<Double> {
    .uniform(shape, in: -1.5...1.5, using: &generator)
  }

  /// The position of a tensor with at least so many axes.
  mutating func operand(_ values: [Tensor<Double>], rank: Int = 0) -> Int? {
    let fitting = values.indices.filter { values[$0].rank >= rank }
    return fitting.isEmpty ? nil : element(of: fitting)
  }

  /// An axis, counted from either end.
  mutating func axis(_ rank: Int) -> Int { number(in: -rank...(rank - 1)) }

  /// Some axes, each once, none at times.
  mutating func axes(_ rank: Int) -> [Int] {
    let chosen = (0..<rank).filter { _ in chance() }
    return chosen.map { chance() ? $0 : $0 - rank }
  }

  mutating func indices(_ shape: Shape, below bound: Int) -> Tensor<Int32> {
    Tensor((0..<shape.elementCount).map { _ in Int32(number(in: 0...(bound - 1))) }, shape: shape)
  }

  mutating func mask(_ shape: Shape) -> Tensor<Bool> {
    Tensor((0..<shape.elementCount).map { _ in number(in: 0...3) > 0 }, shape: shape)
  }

  mutating func permutation(_ count: Int) -> [Int] { (0..<count).shuffled(using: &generator) }
}
