import Autograd

/// One step from a model's names to those of a file, and, read the other way round, back.
///
/// A name may have gaps: `*` stands for a part without dots, such as a number of a layer, `**` for any
/// part. What fills the gaps on one side fills those of the other, words and paths each in their order:
///
/// ```swift-part
/// .rename("layers.*.norm1.**", to: "encoder.layer.*.attention.output.LayerNorm.**")
/// ```
public struct NameRule: Sendable {
  enum Kind: Sendable {
    case rename
    case keep
    case skip
    case whole
    case join(axis: Int)
    case split(axis: Int, lengths: [Int]?)
    case transpose(axes: [Int]?)
    case reorder(blocks: [Int], axis: Int)
  }

  let kind: Kind
  /// The names that the rule is for.
  let from: [NamePattern]
  /// What stands in their place.
  let to: [NamePattern]

  private init(_ kind: Kind, _ from: [String], to: [String]) {
    self.kind = kind
    self.from = from.map { NamePattern($0) }
    self.to = to.map { NamePattern($0) }
    guard let first = self.from.first else { trap("names: a rule without names") }
    for pattern in self.from.dropFirst() + self.to { first.expectGaps(of: pattern) }
  }

  /// The tensor has another name in the file.
  public static func rename(_ name: String, to other: String) -> NameRule {
    NameRule(.rename, [name], to: [other])
  }

  /// The parameter has no place in the file: loading leaves it as it is, saving leaves it out.
  public static func keep(_ name: String) -> NameRule { NameRule(.keep, [name], to: []) }

  /// The file's tensor has no place in the model: loading does not look at it.
  ///
  /// - Parameter name: as the file has it, after all other rules.
  public static func skip(_ name: String) -> NameRule { NameRule(.skip, [name], to: []) }

  /// The tensor counts something: the file has it as whole numbers (I64).
  public static func wholeNumbers(_ name: String) -> NameRule {
    NameRule(.whole, [name], to: [])
  }

  /// Several tensors are one in the file, one after the other. Where there is none of them, as of biases,
  /// there is nothing to join.
  ///
  /// - Parameters:
  ///   - names: in the order in which they lie in it.
  ///   - name: the whole.
  ///   - axis: along which they lie.
  public static func join(_ names: [String], to name: String, axis: Int = 0) -> NameRule {
    NameRule(.join(axis: axis), names, to: [name])
  }

  /// One tensor is several in the file.
  ///
  /// - Parameters:
  ///   - name: the whole.
  ///   - names: its parts, in the order in which they lie in it.
  ///   - axis: along which they lie.
  ///   - lengths: of the parts along the axis; all the same if nil.
  public static func split(
    _ name: String, to names: [String], axis: Int = 0, lengths: [Int]? = nil
  ) -> NameRule {
    if let lengths, lengths.count != names.count {
      trap("names: \(lengths.count) lengths for the \(names.count) parts of '\(name)'")
    }
    return NameRule(.split(axis: axis, lengths: lengths), [name], to: names)
  }

  /// The tensor has its axes in another order in the file.
  ///
  /// - Parameters:
  ///   - name: the model's.
  ///   - other: the file's; the same if nil.
  ///   - axes: for each axis in the file the one of the parameter; a matrix is transposed if nil.
  public static func transpose(
    _ name: String, to other: String? = nil, axes: [Int]? = nil
  ) -> NameRule {
    if let axes, axes.sorted() != Array(axes.indices) {
      trap("names: \(axes) is no order of the axes of '\(name)'")
    }
    return NameRule(.transpose(axes: axes), [name], to: [other ?? name])
  }

  /// Equal blocks of the tensor, as those of a recurrent cell's gates, stand in another order in the file.
  ///
  /// - Parameters:
  ///   - name: the model's.
  ///   - other: the file's; the same if nil.
  ///   - blocks: for each block in the file the one of the parameter: for a GRU of Keras or ONNX, which
  ///     has z, r, n where `GRUCell` has r, z, n, `[1, 0, 2]`.
  ///   - axis: along which they lie.
  public static func reorder(
    _ name: String, to other: String? = nil, blocks: [Int], axis: Int = 0
  ) -> NameRule {
    if blocks.sorted() != Array(blocks.indices) || blocks.isEmpty {
      trap("names: \(blocks) is no order of the blocks of '\(name)'")
    }
    return NameRule(.reorder(blocks: blocks, axis: axis), [name], to: [other ?? name])
  }
}

/// How a file names a model's parameters, and what lies under the names: this library's names or
/// PyTorch's, and rules. It is read in both directions: what it saves, it loads.
///
/// ```swift
/// let names = NameMap(.pyTorch, [.rename("encoder.**", to: "bert.encoder.**"), .skip("cls.**")])
/// try model.load(from: "bert.safetensors", names: names)
/// try model.save(to: "bert.safetensors", names: names)
/// ```
///
/// Rules work one after the other, each on the names that those before it have made.
public struct NameMap: Sendable, ExpressibleByArrayLiteral {
  /// This library's own names: those of `Layer.parameters`.
  public static let own = NameMap(isPyTorch: false, rules: [])
  /// The names, shapes and order that PyTorch's modules have (`PyTorchNamed`). What has no module in
  /// PyTorch, as a model of the zoo, keeps the names of its properties, and its layers have PyTorch's.
  public static let pyTorch = NameMap(isPyTorch: true, rules: [])

  let isPyTorch: Bool
  let rules: [NameRule]

  private init(isPyTorch: Bool, rules: [NameRule]) {
    self.isPyTorch = isPyTorch
    self.rules = rules
  }

  /// The names of another map, and rules after them.
  public init(_ base: NameMap = .own, _ rules: [NameRule]) {
    self.init(isPyTorch: base.isPyTorch, rules: base.rules + rules)
  }

  /// Rules that begin with this library's own names.
  public init(arrayLiteral rules: NameRule...) { self.init(.own, rules) }
}
