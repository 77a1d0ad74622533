import Autograd
import Layers
import Testing

/// Ways off the tape by way of parameters and of gradients.
@Suite struct StoredParameterTests {
  private struct Model: Layer {
    @Parameter var weight = Tensor<Double>([2, 3])
  }

  @Test func `the stored tensor of a parameter is no way off the tape`() async {
    let model = Model()
    let (value, gradients) = valueWithGradient(evaluating: model) { model in
      let constant = withoutGradient { model.$weight.tensor }
      return (model.weight * constant).sum()
    }
    #expect(value.scalar == 13)
    #expect(gradients[model.$weight]?.scalars == [2, 3])
    model.$weight.isFrozen = true
    #expect(valueWithGradient(evaluating: model) { $0.$weight.tensor.sum() }.value.scalar == 5)

    let read = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let model = Model()
      _ = valueWithGradient(evaluating: model) { ($0.weight * $0.$weight.tensor).sum() }
    }
    #expect(message(read).contains("its stored tensor is a constant to the gradient"))
    let written = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let model = Model()
      _ = valueWithGradient(evaluating: model) { model in
        model.$weight.tensor = model.weight * 2
        return model.weight.sum()
      }
    }
    #expect(message(written).contains("cannot become a tensor whose gradient is being taken"))
  }

  @Test func `arithmetic of gradients is differentiated, and their norm is no way off the tape`()
    async
  {
    let model = Model()
    // The gradient of sum(w² x) along w is 2 w x; its sum's gradient along x is 2 w.
    func inner(_ x: Tensor<Double>) -> Gradients {
      valueWithGradient(evaluating: model) { ($0.weight * $0.weight * x).sum() }.gradients
    }
    let x = Tensor<Double>([1, 5])
    let outer = gradient(at: x) { x in
      let gradients = (inner(x) + inner(x).scaled(by: 2)).clipped(toValue: 40)
      return gradients[model.$weight]!.sum()
    }
    // 3 times 2 w x: 12 and 90, the second of which is clipped.
    #expect(outer.scalars == [12, 0])
    let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let model = Model()
      _ = gradient(at: Tensor<Double>([1, 5])) { x in
        let gradients = valueWithGradient(evaluating: model) {
          ($0.weight * $0.weight * x).sum()
        }.gradients
        return gradients.clipped(toNorm: 1)[model.$weight]!.sum()
      }
    }
    #expect(message(exit).contains("norm: a gradient of this tensor of shape [2] is being taken"))
  }

  private func message(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }
}
