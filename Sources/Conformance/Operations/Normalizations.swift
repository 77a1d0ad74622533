import Autograd

extension OperationTable {
  mutating func addNormalizations() {
    numbers("softmax") { try softmax($0[0], axis: $0.attributes.integer("dim")) }
    numbers("log_softmax") { try logSoftmax($0[0], axis: $0.attributes.integer("dim")) }
    numbers("layer_norm") {
      try layerNorm(
        $0[0], shape: Shape($0.attributes.integers("normalized_shape")), weight: $0.optional(1),
        bias: $0.optional(2), epsilon: Scalar($0.attributes.number("eps")))
    }
    numbers("rms_norm") {
      try rmsNorm(
        $0[0], shape: Shape($0.attributes.integers("normalized_shape")), weight: $0.optional(1),
        epsilon: Scalar($0.attributes.number("eps")))
    }
    add("batch_norm") { call in
      let epsilon = Scalar(try call.attributes.number("eps"))
      let (weight, bias) = (call.optional(3), call.optional(4))
      // Without elements there is nothing to normalise, and PyTorch asks for no second axis.
      if try call[0].rank == 1 && call[0].count == 0 {
        return try Results(
          outputs: [.numbers(call[0])],
          extras: [
            "running_mean": call.optional(1), "running_var": call.optional(2),
          ].compactMapValues { $0.map { .numbers($0) } })
      }
      guard try call.attributes.flag("training") else {
        let y = try batchNorm(
          call[0], mean: call[1], variance: call[2], weight: weight, bias: bias, epsilon: epsilon)
        return Results(outputs: [.numbers(y)])
      }
      let (y, mean, variance) = try batchNorm(
        call[0], weight: weight, bias: bias, epsilon: epsilon)
      var results = Results<Scalar>(outputs: [.numbers(y)])
      if let runningMean = call.optional(1), let runningVariance = call.optional(2) {
        let momentum = Scalar(try call.attributes.number("momentum"))
        let count = Scalar(y.count / y.shape[1])
        let corrected = variance * (count / (count - 1))
        results.extras = [
          "running_mean": .numbers(runningMean * (1 - momentum) + mean * momentum),
          "running_var": .numbers(runningVariance * (1 - momentum) + corrected * momentum),
        ]
      }
      return results
    }
  }
}
