// Loads the forecaster that ships, and forecasts the year after the table from the twelve before.
import Autograd
import Datasets
import Forecaster
import Pretrained
import Training

let model = try Forecaster<Float>(contentsOf: Pretrained.path(of: "forecaster")!)
let series = try TimeSeries.sunspots()
let window = model.configuration.window
let past = series.values(from: [series.rows.count - window], length: window)
let forecast = model.forecast(Tensor(past, shape: [1, window, 1]))
print("after \(series.times.last!):", forecast.values.scalars[0], "spots")
for (year, weight) in zip(series.times.suffix(window), forecast.weights.scalars) {
  print(year, (100 * weight).rounded(), "%")
}
