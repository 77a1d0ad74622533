import Autograd
public import Layers

/// A score that says what it is in ONNX's operators, so that an `Attention` with it is exported.
public protocol ONNXAttentionScore<Scalar>: AttentionScore {
  /// The part of the scores that depends on the keys alone, `[batch, keys, any size]`.
  ///
  /// - Parameter keys: `[batch, keys, keySize]`
  func prepare(keys: ONNXValue) throws -> ONNXValue

  /// - Parameters:
  ///   - queries: `[batch, queries, querySize]`
  ///   - keys: what `prepare(keys:)` has returned.
  /// - Returns: `[batch, queries, keys]`
  func callAsFunction(queries: ONNXValue, keys: ONNXValue) throws -> ONNXValue
}

/// A score that looks at what earlier steps have attended to, as one tensor.
public protocol ONNXHistoryScore<Scalar>: ONNXAttentionScore {
  /// - Parameters:
  ///   - query: `[batch, querySize]`
  ///   - keys: what `prepare(keys:)` has returned.
  ///   - history: what `history(_:followedBy:)` has made of the steps before, `[batch, keys]`; zeros
  ///     before the first.
  /// - Returns: `[batch, keys]`
  func callAsFunction(query: ONNXValue, keys: ONNXValue, history: ONNXValue) throws -> ONNXValue

  /// What a step's weights, `[batch, keys]`, make of the history before it.
  func history(_ history: ONNXValue, followedBy weights: ONNXValue) -> ONNXValue
}

/// `v · tanh(queries + keys)` of each query with each key.
///
/// - Parameters:
///   - queries: `[batch, queries, hidden]`
///   - keys: `[batch, keys, hidden]`
///   - v: `[hidden]`
/// - Returns: `[batch, queries, keys]`
private func additiveScores(queries: ONNXValue, keys: ONNXValue, v: ONNXValue) -> ONNXValue {
  let sums = tanh(queries.unsqueezed([2]) + keys.unsqueezed([1]))  // [batch, queries, keys, hidden]
  return matmul(sums, v)
}

/// `q · k` of each query with each key, `[batch, queries, keys]`.
private func innerProducts(_ queries: ONNXValue, _ keys: ONNXValue) -> ONNXValue {
  matmul(queries, keys.transposed([0, 2, 1]))
}

extension AdditiveScore: ONNXAttentionScore {
  /// `keyWeight k + bias` of each key.
  public func prepare(keys: ONNXValue) -> ONNXValue {
    let graph = keys.graph
    return graph.inside(self) {
      linear(keys, graph.parameter($keyWeight), $bias.map { graph.parameter($0) })
    }
  }

  /// `v · tanh(queryWeight q + key)`
  public func callAsFunction(queries: ONNXValue, keys: ONNXValue) -> ONNXValue {
    let graph = queries.graph
    return graph.inside(self) {
      additiveScores(
        queries: linear(queries, graph.parameter($queryWeight)), keys: keys,
        v: graph.parameter($v))
    }
  }
}

extension ConcatScore: ONNXAttentionScore {
  /// The keys' columns of the weight times each key, plus the bias.
  public func prepare(keys: ONNXValue) -> ONNXValue {
    let graph = keys.graph
    return graph.inside(self) {
      linear(
        keys, graph.parameter($weight).narrowed(axis: 1, to: querySize..<$weight.shape[1]),
        $bias.map { graph.parameter($0) })
    }
  }

  /// `v · tanh(the query's columns q + key)`
  public func callAsFunction(queries: ONNXValue, keys: ONNXValue) -> ONNXValue {
    let graph = queries.graph
    return graph.inside(self) {
      additiveScores(
        queries: linear(queries, graph.parameter($weight).narrowed(axis: 1, to: 0..<querySize)),
        keys: keys, v: graph.parameter($v))
    }
  }
}

extension DotScore: ONNXAttentionScore {
  /// The keys themselves.
  public func prepare(keys: ONNXValue) -> ONNXValue { keys }

  /// `q · k`
  public func callAsFunction(queries: ONNXValue, keys: ONNXValue) -> ONNXValue {
    innerProducts(queries, keys)
  }
}

extension ScaledDotScore: ONNXAttentionScore {
  /// The keys over the root of their size.
  public func prepare(keys: ONNXValue) -> ONNXValue {
    keys / sqrt(keys.count(2).converted(to: keys.type))
  }

  /// `q · k`, the keys scaled.
  public func callAsFunction(queries: ONNXValue, keys: ONNXValue) -> ONNXValue {
    innerProducts(queries, keys)
  }
}

extension GeneralScore: ONNXAttentionScore {
  /// `weight k` of each key.
  public func prepare(keys: ONNXValue) -> ONNXValue {
    keys.graph.inside(self) { linear(keys, keys.graph.parameter($weight)) }
  }

  /// `q · weight k`
  public func callAsFunction(queries: ONNXValue, keys: ONNXValue) -> ONNXValue {
    innerProducts(queries, keys)
  }
}

extension CoverageScore: ONNXHistoryScore {
  /// `keyWeight k + bias` of each key.
  public func prepare(keys: ONNXValue) -> ONNXValue { additive.prepare(keys: keys) }

  /// Scores of queries that have no past.
  public func callAsFunction(queries: ONNXValue, keys: ONNXValue) -> ONNXValue {
    additive(queries: queries, keys: keys)
  }

  /// With `coverageWeight c` of each position under the tanh, c being the sum of all weights so far.
  public func callAsFunction(
    query: ONNXValue, keys: ONNXValue, history: ONNXValue
  ) -> ONNXValue {
    let graph = query.graph
    return graph.inside(self) {
      let term = history.unsqueezed([2]) * graph.parameter($coverageWeight)
      return additive(queries: query.unsqueezed([1]), keys: keys + term).squeezed([1])
    }
  }

  /// The sum of both.
  public func history(_ history: ONNXValue, followedBy weights: ONNXValue) -> ONNXValue {
    history + weights
  }
}

extension LocationScore: ONNXHistoryScore {
  /// `keyWeight k + bias` of each key.
  public func prepare(keys: ONNXValue) -> ONNXValue { additive.prepare(keys: keys) }

  /// Scores of queries that have no past.
  public func callAsFunction(queries: ONNXValue, keys: ONNXValue) -> ONNXValue {
    additive(queries: queries, keys: keys)
  }

  /// With `featureWeight f` of each position under the tanh, f being a convolution over the weights
  /// of the step before.
  public func callAsFunction(
    query: ONNXValue, keys: ONNXValue, history: ONNXValue
  ) -> ONNXValue {
    let graph = query.graph
    return graph.inside(self) {
      let reach = $filters.shape[2] / 2
      let features = convolution(
        history.unsqueezed([1]), graph.parameter($filters), nil,
        ["pads": .integers([reach, reach])])  // [batch, filters, keys]
      let term = linear(features.transposed([0, 2, 1]), graph.parameter($featureWeight))
      return additive(queries: query.unsqueezed([1]), keys: keys + term).squeezed([1])
    }
  }

  /// The weights of the step before alone.
  public func history(_ history: ONNXValue, followedBy weights: ONNXValue) -> ONNXValue { weights }
}
