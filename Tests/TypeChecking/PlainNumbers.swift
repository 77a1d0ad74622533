// Arithmetic of plain numbers beside tensors, as it stands in training scripts: what the compiler
// must see through quickly, though all operators have forms for tensors too. `measure.sh` beside it
// times it; nothing runs it.

import Autograd

func schedules(step: Int, steps: Int, width: Int, base: Double, warmup: Int) -> [Double] {
  let progress = Double(step - warmup) / Double(max(1, steps - warmup))
  let cosine = 0.5 * base * (1 + cos(Double.pi * progress))
  let linear = base * max(0, 1 - Double(step) / Double(steps))
  let noam =
    pow(Double(width), -0.5)
    * min(pow(Double(step), -0.5), Double(step) * pow(Double(warmup), -1.5))
  let inverse = base * sqrt(Double(warmup)) / sqrt(Double(max(step, warmup)))
  let decayed = base * exp(-0.05 * Double(step) / 1000) + 1e-6
  let polynomial = (base - 1e-5) * pow(1 - Double(step) / Double(steps), 2.0) + 1e-5
  let cyclic =
    1e-4 + (base - 1e-4)
    * max(0, 1 - abs(Double(step) / 500 - 2 * floor(1 + Double(step) / 1000) + 1))
  let warm = step < warmup ? base * Double(step + 1) / Double(warmup) : cosine
  let momentum = 0.95 - 0.1 * sin(Double.pi * Double(step) / Double(steps))
  return [cosine, linear, noam, inverse, decayed, polynomial, cyclic, warm, momentum]
}

func initializers(fanIn: Int, fanOut: Int, n: Int, x: Double) -> [Double] {
  let scale = 1 / sqrt(2.0 * Double(n)) + 3 * exp(-0.5 * x)
  let glorot = sqrt(6.0 / Double(fanIn + fanOut))
  let he = sqrt(2.0 / ((1 + 0.01 * 0.01) * Double(fanIn)))
  let gain = 2 / sqrt(Double(fanIn)) * (1 - exp(-x * x)) + 0.5 * tanh(x)
  let density = exp(-0.5 * (x - 1) * (x - 1) / (0.3 * 0.3)) / (0.3 * sqrt(2 * Double.pi))
  let logistic = 1 / (1 + exp(-(0.5 * x - 2.0)))
  let entropy = -(logistic * log(logistic) + (1 - logistic) * log(1 - logistic))
  let gelu = 0.5 * x * (1 + tanh(sqrt(2 / Double.pi) * (x + 0.044715 * x * x * x)))
  let mixed = Double(n) * 0.5 + Double(fanIn * fanOut) / 3 - 2 * x * Double(fanIn - 1)
  let harmonic = 1 / (1 / Double(fanIn) + 1 / Double(fanOut)) + 1 / (x * x + 1)
  return [scale, glorot, he, gain, density, logistic, entropy, gelu, mixed, harmonic]
}

func singlePrecision(batch: Int, length: Int, rate: Float, loss: Float) -> [Float] {
  let perplexity = exp(min(loss, 20))
  let bits = loss / log(2) + 0.5 * Float(batch) / Float(length)
  let average = 0.99 * rate + (1 - 0.99) * loss * Float(batch) / Float(batch + length)
  let temperature = max(0.1, 1 - 0.9 * Float(batch) / 1000) * sqrt(Float(length))
  let penalty = pow((5 + Float(length)) / 6, 0.6) * (1 + 0.5 * abs(loss - rate))
  let keep = 1 / (1 - rate) * Float(length) - 2 * Float(batch) / (3 + Float(length))
  let decay = pow(0.999, Float(batch)) * rate + (1 - pow(0.999, Float(batch))) * loss
  let angle = sin(Float(batch) / pow(10000, 2 * Float(length) / 512)) + cos(0.5 * rate) * 2
  return [perplexity, bits, average, temperature, penalty, keep, decay, angle]
}

func besideTensors(
  _ x: Tensor<Float>, _ y: Tensor<Float>, _ w: Tensor<Double>, heads: Int, size: Int, rate: Double
) -> [Tensor<Float>] {
  let scaled = x * (1 / sqrt(Float(size) / Float(heads))) + 0.5 * y
  let standard = (x - x.mean()) / sqrt(square(x - x.mean()).mean() + 1e-5) * 2 - 1
  let mixture = 0.3 * x + (1 - 0.3) * y - 2 * x * y / (1 + x * x)
  let squashed = 1 / (1 + exp(-(x * 0.5 - 2 * y + 1))) * Float(2 * heads - 1)
  let cell = tanh(0.5 * x + y * 2 - 1) * (1 - sigmoid(x - 3 * y)) + x * sigmoid(x - 3 * y)
  let huber = select(abs(x - y) .< 1, 0.5 * (x - y) * (x - y), abs(x - y) - 0.5)
  let capped = min(max(x * 2 - 1, 0), 6) * Float(exp(-rate * Double(size))) + max(0, y) / 3
  let parts = x[0] * 2 - y[.last] / (1 + Float(heads)) + x[0, 1] * y[1, 0] * 0.5
  let gaussian = exp(-0.5 * (x - y) * (x - y) / (0.1 * 0.1)) / (0.1 * sqrt(2 * Float.pi))
  let weighted = (w * rate + 0.5 * w * w / (2 + Double(size))).converted(to: Float.self) - 2 * x
  let masked = x * select(y .> 0, 1, 0.5) + select(0 .< x, x, 0) / Float(max(1, heads * size))
  let logits = (x + y) / 2 - log(exp(x) + exp(-2 * y) + 1e-6) * (0.5 + 1 / Float(size + 1))
  return [
    scaled, standard, mixture, squashed, cell, huber, capped, parts, gaussian, weighted, masked,
    logits,
  ]
}

func wholeNumbers(
  _ ids: Tensor<Int32>, _ bytes: Tensor<UInt8>, batch: Int, length: Int, classes: Int
) -> [Tensor<Int32>] {
  let places = 2 * ids + 1 - ids * ids % 7
  let steps = (batch * length + classes - 1) / classes * 2 - max(batch, length) % 3
  let shifted = ids * Int32(steps) + Int32(classes) / 2 - 3 * ids / 4
  let chosen = select(ids .== 0, Int32(classes) - 1, ids + 1) % Int32(max(1, classes))
  let pixels = (bytes.converted(to: Int32.self) - 128) * 2 / 3 + Int32(batch) * ids
  let rest = ids[..., 0] * 2 - ids[..., .last] + Int32(length - 1) * ids[0]
  return [places, shifted, chosen, pixels, rest]
}

func metrics(right: Int, total: Int, seconds: Double, losses: [Double], x: Tensor<Double>)
  -> [Double]
{
  let accuracy = 100 * Double(right) / Double(max(total, 1)) + 0.5
  let speed = Double(total) / max(seconds, 1e-9) / 1e6 * 2 + Double(right) * 1e-3
  let mean = losses.reduce(0, +) / Double(max(losses.count, 1)) - 2 * x.sum().scalar
  let spread = sqrt(
    losses.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(losses.count - 1))
  let smooth = losses.reduce(0) { 0.9 * $0 + 0.1 * $1 * (1 - exp(-$1)) }
  let bound = mean + 1.96 * spread / sqrt(Double(losses.count)) - 0.5 * abs(mean - smooth)
  let literals =
    exp(1.5) + max(2.0, 3.0) + abs(-2.0) + sqrt(2.0) + pow(2.0, 0.5) + Double(Int(tanh(0.3)))
  return [accuracy, speed, mean, spread, smooth, bound, literals]
}
