/// A layer that says how PyTorch names and lays out its parameters.
///
/// The rules lead from the names of this layer's properties, with those of the layers within already in
/// PyTorch's form, to PyTorch's. A layer without parameters, or whose properties have PyTorch's names
/// anyway, needs none.
///
/// ```swift
/// extension Highway: PyTorchNamed {
///   static var pyTorchModule: String? { nil }
///   var pyTorchNames: [NameRule] { [.rename("transform.**", to: "gate.**")] }
/// }
/// ```
public protocol PyTorchNamed: Layer {
  /// The module, as in `torch.nn.Linear`; nil where PyTorch has none, and the names merely follow its
  /// manner.
  static var pyTorchModule: String? { get }

  /// From this layer's names to PyTorch's.
  var pyTorchNames: [NameRule] { get }
}

// The table: how PyTorch names, joins and orders the parameters of each layer. What is not renamed has
// the same name there; blocks of gates stand in the same order (`GRUCell`: r, z, n; `LSTMCell`: i, f, g,
// o), and all weights have the same axes.

extension Linear: PyTorchNamed {
  /// `torch.nn.Linear`
  public static var pyTorchModule: String? { "torch.nn.Linear" }
  /// The same.
  public var pyTorchNames: [NameRule] { [] }
}

extension Embedding: PyTorchNamed {
  /// `torch.nn.Embedding`
  public static var pyTorchModule: String? { "torch.nn.Embedding" }
  /// The same.
  public var pyTorchNames: [NameRule] { [] }
}

extension Conv1d: PyTorchNamed {
  /// `torch.nn.Conv1d`
  public static var pyTorchModule: String? { "torch.nn.Conv1d" }
  /// The same.
  public var pyTorchNames: [NameRule] { [] }
}

extension Conv2d: PyTorchNamed {
  /// `torch.nn.Conv2d`
  public static var pyTorchModule: String? { "torch.nn.Conv2d" }
  /// The same.
  public var pyTorchNames: [NameRule] { [] }
}

extension LayerNorm: PyTorchNamed {
  /// `torch.nn.LayerNorm`
  public static var pyTorchModule: String? { "torch.nn.LayerNorm" }
  /// The same.
  public var pyTorchNames: [NameRule] { [] }
}

extension BatchNorm: PyTorchNamed {
  /// `torch.nn.BatchNorm1d`, `BatchNorm2d`
  public static var pyTorchModule: String? { "torch.nn.BatchNorm1d, BatchNorm2d" }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] {
    [
      .rename("runningMean", to: "running_mean"), .rename("runningVariance", to: "running_var"),
      .rename("batchCount", to: "num_batches_tracked"), .wholeNumbers("num_batches_tracked"),
    ]
  }
}

// MARK: Recurrent

/// What the cells' parameters are called.
private var cellNames: [NameRule] {
  [
    .rename("weightInput", to: "weight_ih"), .rename("weightHidden", to: "weight_hh"),
    .rename("biasInput", to: "bias_ih"), .rename("biasHidden", to: "bias_hh"),
  ]
}

extension RNNCell: PyTorchNamed {
  /// `torch.nn.RNNCell`
  public static var pyTorchModule: String? { "torch.nn.RNNCell" }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] { cellNames }
}

extension GRUCell: PyTorchNamed {
  /// `torch.nn.GRUCell`
  public static var pyTorchModule: String? { "torch.nn.GRUCell" }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] { cellNames }
}

extension LSTMCell: PyTorchNamed {
  /// `torch.nn.LSTMCell`
  public static var pyTorchModule: String? { "torch.nn.LSTMCell" }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] { cellNames + [.rename("weightProjection", to: "weight_hr")] }
}

extension LayerNormLSTMCell: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] {
    cellNames + [
      .rename("normInput.**", to: "norm_input.**"), .rename("normHidden.**", to: "norm_hidden.**"),
      .rename("normCell.**", to: "norm_cell.**"),
    ]
  }
}

extension Zoneout: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] { [.rename("cell.**", to: "**")] }
}

extension VariationalDropout: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] { [.rename("cell.**", to: "**")] }
}

extension Checkpointed: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] { [.rename("cell.**", to: "**")] }
}

extension Recurrent: PyTorchNamed {
  /// `torch.nn.RNN`, `GRU` or `LSTM`, if the cell is one of them.
  public static var pyTorchModule: String? {
    switch Cell.self {
    case is RNNCell<Scalar>.Type: "torch.nn.RNN"
    case is GRUCell<Scalar>.Type: "torch.nn.GRU"
    case is LSTMCell<Scalar>.Type: "torch.nn.LSTM"
    default: nil
    }
  }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] {
    [
      .rename("layers.*.forward.**", to: "**_l*"),
      .rename("layers.*.reverse.**", to: "**_l*_reverse"),
    ]
  }
}

// MARK: Attention

extension MultiHeadAttention: PyTorchNamed {
  /// `torch.nn.MultiheadAttention`
  public static var pyTorchModule: String? { "torch.nn.MultiheadAttention" }
  /// Keys or values of a size of their own keep the projections apart.
  public var pyTorchNames: [NameRule] {
    let sizes = [$queryWeight, $keyWeight, $valueWeight].map { $0.shape[1] }
    let weights: [NameRule] =
      Set(sizes).count == 1
      ? [.join(["queryWeight", "keyWeight", "valueWeight"], to: "in_proj_weight")]
      : [
        .rename("queryWeight", to: "q_proj_weight"), .rename("keyWeight", to: "k_proj_weight"),
        .rename("valueWeight", to: "v_proj_weight"),
      ]
    return weights + [
      .join(["queryBias", "keyBias", "valueBias"], to: "in_proj_bias"),
      .rename("outputWeight", to: "out_proj.weight"), .rename("outputBias", to: "out_proj.bias"),
    ]
  }
}

extension AdditiveScore: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] {
    [.rename("queryWeight", to: "query_weight"), .rename("keyWeight", to: "key_weight")]
  }
}

extension GeneralScore: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// The same.
  public var pyTorchNames: [NameRule] { [] }
}

extension ConcatScore: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// The same.
  public var pyTorchNames: [NameRule] { [] }
}

extension CoverageScore: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] {
    [.rename("additive.**", to: "**"), .rename("coverageWeight", to: "coverage_weight")]
  }
}

extension LocationScore: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] {
    [.rename("additive.**", to: "**"), .rename("featureWeight", to: "feature_weight")]
  }
}

extension PositionPredictor: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// The same.
  public var pyTorchNames: [NameRule] { [] }
}

extension Attention: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// The same.
  public var pyTorchNames: [NameRule] { [] }
}

extension LocalAttention: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] { [.rename("attention.**", to: "**")] }
}

extension AttentionLayer: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// The same.
  public var pyTorchNames: [NameRule] { [] }
}

// MARK: Transformer

extension LearnedPositions: PyTorchNamed {
  /// `torch.nn.Embedding`
  public static var pyTorchModule: String? { "torch.nn.Embedding" }
  /// The same.
  public var pyTorchNames: [NameRule] { [] }
}

extension FeedForward: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] {
    [.rename("first.**", to: "linear1.**"), .rename("second.**", to: "linear2.**")]
  }
}

extension TransformerEncoderLayer: PyTorchNamed {
  /// `torch.nn.TransformerEncoderLayer`
  public static var pyTorchModule: String? { "torch.nn.TransformerEncoderLayer" }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] {
    [.rename("selfAttention.**", to: "self_attn.**"), .rename("feedForward.**", to: "**")]
  }
}

extension TransformerDecoderLayer: PyTorchNamed {
  /// `torch.nn.TransformerDecoderLayer`
  public static var pyTorchModule: String? { "torch.nn.TransformerDecoderLayer" }
  /// From this library's names to PyTorch's.
  public var pyTorchNames: [NameRule] {
    [
      .rename("selfAttention.**", to: "self_attn.**"),
      .rename("memoryAttention.**", to: "multihead_attn.**"), .rename("feedForward.**", to: "**"),
    ]
  }
}
