import Autograd
public import Forecaster
import Layers
public import ONNX

extension Forecaster: ONNXExportable {
  /// One graph: `past` `[batch, window, variables]` to `values`, `[batch, horizon, variables]`, and
  /// `weights`, the share of each past step by variable, `[batch, window, variables]`. The window is
  /// the configuration's.
  public func onnxGraphs() throws -> [ONNXGraph] {
    let (graph, variables) = (ONNXGraph(of: self), configuration.variables)
    let past = graph.input(
      "past", Scalar.onnxType, ["batch", .size(configuration.window), .size(variables)])
    let series = transformed(past.transposed([0, 2, 1]))  // [batch, variables, window]
    let (center, scale) = unit(of: series)
    let normalized = (series - center) / scale
    let states = try read(segments(normalized))  // [rows, segments, hidden]
    let last = states.selected(axis: 1, at: -1)
    let (context, weights) = try attention(step: last, attention.prepare(keys: states))
    var values = output(.concatenated([last, context], axis: 1))
      .reshaped([-1, .size(variables), .size(configuration.horizon)])
    if let linear { values = values + linear(normalized) }
    let restored = values * scale + center
    let whole = configuration.transform == .none ? restored : restored * abs(restored)
    graph.output(
      "values", whole.transposed([0, 2, 1]),
      ["batch", .size(configuration.horizon), .size(variables)])
    graph.output(
      "weights", stepWeights(weights, like: series).transposed([0, 2, 1]),
      ["batch", .size(configuration.window), .size(variables)])
    return [graph]
  }

  /// What the steps of a segment share equally, `[rows, segments]`, by variable and step:
  /// `[batch, variables, window]`.
  private func stepWeights(_ weights: ONNXValue, like series: ONNXValue) -> ONNXValue {
    let (segment, window) = (configuration.segment, configuration.window)
    return (weights / Double(segment)).unsqueezed([2])
      .expanded(to: [.axis(0, of: weights), .size(window / segment), .size(segment)])
      .reshaped([.axis(0, of: series), -1, .size(window)])
      .expanded(to: [.axis(0, of: series), .size(configuration.variables), .size(window)])
  }

  private func transformed(_ x: ONNXValue) -> ONNXValue {
    configuration.transform == .none ? x : sign(x) * sqrt(abs(x))
  }

  /// What values are measured from, and by.
  private func unit(of series: ONNXValue) -> (center: ONNXValue, scale: ONNXValue) {
    let graph = series.graph
    switch configuration.normalization {
    case .last:
      return (
        series.selected(axis: 2, at: -1).unsqueezed([2]), graph.constant(1, series.type)
      )
    case .standard:
      let mean = series.mean(axes: [2], keepsAxes: true)
      let variance = square(series - mean).mean(axes: [2], keepsAxes: true)
      return (mean, sqrt(variance + 1e-5))
    case .fixed:
      return (
        graph.constant(configuration.mean, series.type),
        graph.constant(configuration.deviation, series.type)
      )
    }
  }

  /// What the network reads, `[rows, segments, features]`.
  private func segments(_ series: ONNXValue) -> ONNXValue {
    let (variables, segment) = (configuration.variables, configuration.segment)
    let count = configuration.window / segment
    if configuration.sharesWeights {
      return series.reshaped([-1, .size(count), .size(segment)])
    }
    return series.reshaped([-1, .size(variables), .size(count), .size(segment)])
      .transposed([0, 2, 1, 3]).reshaped([-1, .size(count), .size(variables * segment)])
  }

  private func read(_ inputs: ONNXValue) throws -> ONNXValue {
    switch network {
    case .gru(let network): try network(inputs).outputs
    case .lstm(let network): try network(inputs).outputs
    }
  }
}
