public import Autograd

// Derivatives of functions of a model along a direction in which its parameters move together.

extension Gradients {
  /// A tensor for each parameter of a model that is not frozen, to serve as a direction.
  ///
  /// - Parameter make: given a parameter, a tensor of its shape. Parameters of another scalar type
  ///   are left out.
  public init<Scalar: FloatingPointScalar>(
    for model: some Layer, _ make: (Parameter<Scalar>) -> Tensor<Scalar>
  ) {
    self.init(
      Members.of(model).parameters.compactMap { name, box in
        guard !box.isFrozen, let box = box as? Parameter<Scalar> else { return nil }
        let tensor = make(box)
        if tensor.shape != box.shape {
          trap("a direction of shape \(tensor.shape) for \(name) of shape \(box.shape)")
        }
        return (box, tensor.untyped)
      })
  }

  /// The sum of the products of all elements with those of other gradients with respect to the
  /// same parameters.
  public func dot(_ other: Gradients) -> Double {
    entries.reduce(0) { sum, entry in
      guard let theirs = other.value(of: entry.parameter) else { return sum }
      let products = Compute.binary(.multiply, entry.gradient, theirs)
      return sum + number(Compute.reduce(.sum, products))
    }
  }
}

/// Jacobian-vector products of a function of a model: how its outputs change where the parameters
/// move along a direction. Nothing is recorded; see `jacobianVectorProduct(at:along:of:)` of
/// tensors.
///
/// - Parameters:
///   - model: where to differentiate; parameters without an entry in `direction`, and frozen ones,
///     stay where they are.
///   - direction: for each parameter a tensor of its shape, as `Gradients(for:_:)` makes them.
///   - function: any number of tensors of any shape. It runs on the calling thread.
/// - Returns: the outputs, and for each a tangent of its shape.
public func jacobianVectorProduct<Model: Layer, Scalar: FloatingPointScalar>(
  at model: Model, along direction: Gradients,
  of function: (Model) -> [Tensor<Scalar>]
) -> (outputs: [Tensor<Scalar>], tangents: [Tensor<Scalar>]) {
  let results = moving(model, direction, .unspecified) { function(model).map { $0.untyped } }
  return (results.map { Tensor($0.output) }, results.map { Tensor($0.tangent) })
}

/// Jacobian-vector products of a function of a model that is evaluated: layers such as dropout let
/// everything through. All else is as in `jacobianVectorProduct(at:along:of:)` of models.
public func jacobianVectorProduct<Model: Layer, Scalar: FloatingPointScalar>(
  evaluating model: Model, along direction: Gradients,
  of function: (Model) -> [Tensor<Scalar>]
) -> (outputs: [Tensor<Scalar>], tangents: [Tensor<Scalar>]) {
  let results = moving(model, direction, .evaluation) { function(model).map { $0.untyped } }
  return (results.map { Tensor($0.output) }, results.map { Tensor($0.tangent) })
}

/// The product of the second derivatives of a function of a model with a direction: how the
/// gradients change where the parameters move along it. It takes about as long as a few gradients.
///
/// - Parameters:
///   - model: where to differentiate.
///   - direction: for each parameter a tensor of its shape; parameters without one stay.
///   - function: returns a tensor of one element. It runs on the calling thread.
/// - Returns: for each parameter that the function reads a tensor of its shape.
public func hessianVectorProduct<Model: Layer, Scalar: FloatingPointScalar>(
  at model: Model, along direction: Gradients,
  of function: (Model) -> Tensor<Scalar>
) -> Gradients {
  curvature(model, direction, .unspecified, function)
}

/// The product of the second derivatives of a function of a model that is evaluated with a direction:
/// layers such as dropout let everything through. All else is as in `hessianVectorProduct(at:along:of:)`
/// of models.
public func hessianVectorProduct<Model: Layer, Scalar: FloatingPointScalar>(
  evaluating model: Model, along direction: Gradients,
  of function: (Model) -> Tensor<Scalar>
) -> Gradients {
  curvature(model, direction, .evaluation, function)
}

/// The product of a function's second derivatives with a direction, by a gradient of the gradient.
func curvature<Model: Layer, Scalar: FloatingPointScalar>(
  _ model: Model, _ direction: Gradients, _ mode: Tape.Mode, _ function: (Model) -> Tensor<Scalar>
) -> Gradients {
  let members = Members.of(model)
  return differentiate(model, mode) { model in
    let gradients = differentiate(model, mode, function).gradients
    // The gradient's product with the direction, whose gradient is asked for.
    return gradients.entries.reduce(Tensor<Scalar>(0)) { sum, entry in
      guard members.list.position(of: entry.parameter) != nil,
        let along = direction.value(of: entry.parameter)
      else { return sum }
      let part = Autograd.sum(entry.gradient * along)
      return sum + Tensor<Scalar>(converted(part, to: Scalar.scalarType))
    }
  }.gradients
}

/// The outputs of a function of a model, and their tangents where its parameters move along the
/// direction.
func moving<Model: Layer>(
  _ model: Model, _ direction: Gradients, _ mode: Tape.Mode, _ body: () -> [UntypedTensor]
) -> [(output: UntypedTensor, tangent: UntypedTensor)] {
  let moving = Members.of(model).list.boxes.filter { direction.value(of: $0) != nil }
  let scope = Tape.Scope(
    mode: mode, parameters: Identities(moving.map { ObjectIdentifier($0) }))
  return Tape.pushforward(
    scope, parameterTangent: { direction.value(of: $0 as! any AnyParameter)! }, of: body)
}
