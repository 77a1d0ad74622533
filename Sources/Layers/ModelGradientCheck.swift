public import Autograd

extension GradientCheck {
  /// Compares the gradients of a model's parameters with central differences, and names the
  /// parameter and the element where they differ most.
  ///
  ///     let check = GradientCheck(at: model, order: 2) { crossEntropyLoss($0(inputs), labels) }
  ///     print(check)
  ///
  /// Each element of a parameter is moved by itself; a parameter of more than `elements` numbers is
  /// moved along `directions` random directions instead. At order 2 the derivative of the gradient
  /// along random directions of all parameters together is compared, too, each element of each
  /// parameter: that of a gradient of the gradient with the difference of two gradients, and that of
  /// forward mode with both.
  ///
  /// The parameters are changed for the time of the check, and have their values again after it.
  /// Frozen ones stay constants. Traps where no parameter is left to check, and where one is not of
  /// `Double`: differences in `Float` tell nothing.
  ///
  /// - Parameters:
  ///   - model: whose parameters are differentiated at their present values; the function should be
  ///     smooth there.
  ///   - order: 1, or 2 to check second derivatives and forward mode as well.
  ///   - step: half the distance of the two points of a difference.
  ///   - tolerance: the relative error that passes.
  ///   - elements: the largest number of elements of which each is moved by itself.
  ///   - directions: how many random directions a larger parameter is moved along, and how many the
  ///     second derivatives are taken along.
  ///   - generator: if given, the model trains: layers such as dropout are active, and draw the same
  ///     numbers in each call. Otherwise they let everything through.
  ///   - function: any number of elements, which are summed with fixed weights; it must give the
  ///     same for the same parameters, and runs on the calling thread.
  public init<Model: Layer>(
    at model: Model, order: Int = 1, step: Double = 1e-5, tolerance: Double = 1e-7,
    elements: Int = 256, directions: Int = 4, using generator: Generator? = nil,
    of function: (Model) -> Tensor<Double>
  ) {
    Self.check(order: order, step: step)
    if directions < 1 {
      trap("GradientCheck: at least one direction is expected, not \(directions)")
    }
    let comparison = withoutActuallyEscaping(function) { function in
      var check = ModelGradientCheck(
        model: model, generator: generator, step: step,
        function: { Self.weighted(function($0)) })
      check.compareFirstOrder(elements: elements, directions: directions)
      if order == 2 {
        for number in 1...directions { check.compareSecondOrder(direction: number) }
      }
      return check.comparison
    }
    self.init(comparison, tolerance: tolerance)
  }
}

/// A check that goes on: what has been compared so far.
private struct ModelGradientCheck<Model: Layer> {
  var comparison = DerivativeComparison()
  private let model: Model
  private let parameters: [(name: String, box: Parameter<Double>)]
  private let generator: Generator?
  private let step: Double
  private let function: (Model) -> Tensor<Double>
  /// What directions are drawn from.
  private var directions = Generator(seed: 29)

  init(
    model: Model, generator: Generator?, step: Double, function: @escaping (Model) -> Tensor<Double>
  ) {
    self.model = model
    self.generator = generator
    self.step = step
    self.function = function
    parameters = model.parameters.filter { !$0.parameter.isFrozen }.map { name, box in
      guard let box = box as? Parameter<Double> else {
        trap("GradientCheck: \(name) is of \(box.scalarType); a model of Double is expected")
      }
      return (name, box)
    }
    if parameters.isEmpty {
      trap("GradientCheck: \(Model.self) has no parameter that is not frozen")
    }
  }

  // MARK: First order

  /// Elements of the gradient, or its products with directions, beside differences of the value.
  mutating func compareFirstOrder(elements: Int, directions: Int) {
    let gradients = gradients
    for (name, box) in parameters {
      let start = box.tensor
      let ours = gradients[box] ?? Tensor(repeating: 0, shape: start.shape)
      if start.count <= elements {
        for (element, derivative) in ours.scalars.enumerated() {
          let difference = difference(box, step) { $0[element] += $1 }
          comparison.add(
            derivative, difference, "\(name), element \(start.shape.position(element))")
        }
        continue
      }
      for number in 1...directions {
        let direction = signs(start.shape)
        let along = direction.scalars
        // As far as a single element is moved: the third derivative counts as there.
        let difference = difference(box, step / Double(start.count).squareRoot()) {
          for element in $0.indices { $0[element] += $1 * along[element] }
        }
        comparison.add((ours * direction).sum().scalar, difference, "\(name), direction \(number)")
      }
    }
  }

  /// The slope of the function where one parameter moves.
  ///
  /// - Parameter move: adds a multiple of the direction to the parameter's elements.
  private func difference(
    _ box: Parameter<Double>, _ step: Double,
    _ move: (UnsafeMutableBufferPointer<Double>, Double) -> Void
  ) -> Double {
    let start = box.tensor
    defer { box.tensor = start }
    func value(_ offset: Double) -> Double {
      box.tensor = start
      box.update { move($0, offset) }
      return Tape.withTape(.init(mode: mode)) { _, _ in function(model).detached.scalar }
    }
    return (value(step) - value(-step)) / (2 * step)
  }

  // MARK: Second order

  /// How gradients change along a direction, in three ways: by a gradient of the gradient, by forward
  /// mode, and by differences.
  mutating func compareSecondOrder(direction number: Int) {
    let direction = Gradients(for: model) { (box: Parameter<Double>) in signs(box.shape) }
    let count = parameters.reduce(0) { $0 + $1.box.shape.elementCount }
    let differences = differences(along: direction, step / Double(count).squareRoot())
    let reverse = curvature(model, direction, mode, function)
    let value = moving(model, direction, mode) { [function(model).untyped] }[0]
    let forward = moving(model, direction, mode) {
      let gradients = gradients
      return parameters.map {
        gradients[$0.box]?.untyped ?? Compute.zeros(like: $0.box.tensor.untyped)
      }
    }
    comparison.add(
      gradients.dot(direction), Tensor<Double>(value.tangent).detached.scalar,
      "forward mode, direction \(number)")
    for (position, (name, box)) in parameters.enumerated() {
      let ours = reverse[box] ?? Tensor(repeating: 0, shape: box.shape)
      let others = [
        ("second order", differences[position]),
        ("forward mode over reverse mode", Tensor<Double>(forward[position].tangent)),
      ]
      for (kind, other) in others {
        for (element, pair) in zip(ours.scalars, other.scalars).enumerated() {
          comparison.add(
            pair.0, pair.1,
            "\(kind), direction \(number), \(name), element \(box.shape.position(element))")
        }
      }
    }
  }

  /// How the gradient of each parameter changes where all move along a direction.
  private func differences(along direction: Gradients, _ step: Double) -> [Tensor<Double>] {
    let starts = parameters.map { $0.box.tensor }
    defer { for (entry, start) in zip(parameters, starts) { entry.box.tensor = start } }
    func gradients(_ offset: Double) -> [Tensor<Double>] {
      for (entry, start) in zip(parameters, starts) {
        entry.box.tensor = start + direction[entry.box]! * offset
      }
      let gradients = self.gradients
      return parameters.map { gradients[$0.box] ?? Tensor(repeating: 0, shape: $0.box.shape) }
    }
    return zip(gradients(step), gradients(-step)).map { ($0 - $1) / (2 * step) }
  }

  // MARK: What both need

  /// Made anew for each call, so that all draw the same numbers.
  private var mode: Tape.Mode {
    generator.map { .training(Tape.Randomness($0)) } ?? .evaluation
  }

  private var gradients: Gradients { differentiate(model, mode, function).gradients }

  /// A tensor of -1 and 1, each as likely.
  private mutating func signs(_ shape: Shape) -> Tensor<Double> {
    Tensor((0..<shape.elementCount).map { _ in directions.next() & 1 == 0 ? -1 : 1 }, shape: shape)
  }
}
