import Layers

extension Forecaster {
  /// Why there is no such model: a phrase; nil if there is one.
  public static func contradiction(in configuration: ForecasterConfiguration) -> String? {
    let (window, segment) = (configuration.window, configuration.segment)
    if segment > 0 && window % segment != 0 {
      return "a window of \(window) steps, which has no segments of \(segment)"
    }
    if !(configuration.deviation > 0) || !configuration.mean.isFinite {
      return "a mean of \(configuration.mean) and a deviation of \(configuration.deviation)"
    }
    let contradiction = Layers.contradiction(
      sizes: [
        "variables": configuration.variables, "window": window,
        "horizon": configuration.horizon, "segment": segment,
        "hiddenSize": configuration.hiddenSize, "attentionSize": configuration.attentionSize,
      ], rates: ["dropout": configuration.dropout])
    if contradiction != nil || configuration.sharesWeights { return contradiction }
    return Layers.contradiction(
      sizes: [
        "segment * variables": segment * configuration.variables,
        "horizon * variables": configuration.horizon * configuration.variables,
      ])
  }
}
