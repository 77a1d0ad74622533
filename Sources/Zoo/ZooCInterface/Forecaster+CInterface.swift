import Autograd
public import CInterface
public import Forecaster
import Layers

extension Forecaster: CallableByName {
  /// `apply`, of `past` `[batch, window, variables]` to `values`, `[batch, horizon, variables]`, and
  /// `weights`, the share of each past step by variable, `[batch, window, variables]`.
  public var namedFunctions: [NamedFunction<Scalar>] {
    [
      NamedFunction(
        inputs: [past], outputs: [.numbers("values", future), .numbers("weights", past.axes)]
      ) {
        let forecast = forecast($0.numbers("past"))
        return [forecast.values, forecast.variableWeights]
      }
    ]
  }

  /// The mean squared error of `future`, `[batch, horizon, variables]`.
  public var namedLoss: NamedLoss<Scalar>? {
    NamedLoss(inputs: [past], targets: [.numbers("future", future)]) {
      squaredErrorLoss(self($0.numbers("past")), $0.numbers("future"))
    }
  }

  private var past: NamedTensor {
    .numbers("past", ["batch", .size(configuration.window), .size(configuration.variables)])
  }
  private var future: [TensorAxis] {
    ["batch", .size(configuration.horizon), .size(configuration.variables)]
  }
}
