import Interchange
import Testing

/// A layer of a user's own, with names of its own in files and in PyTorch.
private struct Highway: Layer, PyTorchNamed {
  static var pyTorchModule: String? { nil }
  var pyTorchNames: [NameRule] { [.rename("gate.**", to: "T.**")] }

  @Parameter(key: "weight_ih") var weightInput: Tensor<Float>
  @OptionalParameter var bias: Tensor<Float>?
  let gate: Linear<Float>

  init(seed: UInt64) {
    var generator = Generator(seed: seed)
    gate = Linear(inputs: 2, outputs: 2, using: &generator)
    _bias = OptionalParameter(wrappedValue: .zeros([2]), key: "b")
    weightInput = .uniform([2, 3], using: &generator)
  }
}

private struct Stack: Layer {
  let blocks: [Highway]
  let attention: MultiHeadAttention<Float>

  init(seed: UInt64) {
    var generator = Generator(seed: seed)
    blocks = [Highway(seed: seed + 1), Highway(seed: seed + 2)]
    attention = MultiHeadAttention(4, heads: 2, using: &generator)
  }
}

@Suite struct NameMapTests {
  /// What a model saves by some names it loads by them, and the tensors under these names.
  private func tensors(_ names: NameMap) throws -> [String: StoredTensor] {
    let (model, other) = (Stack(seed: 1), Stack(seed: 5))
    let file = model.weights(names: names)
    let report = try other.load(file, names: names)
    #expect(report.isComplete)
    #expect(other.weights().tensors == model.weights().tensors)
    return file.tensors
  }

  @Test func `a parameter's own name is its name everywhere`() throws {
    let model = Highway(seed: 1)
    #expect(model.parameters.map(\.name) == ["weight_ih", "b", "gate.weight", "gate.bias"])
    #expect(model.$weightInput.name == "weight_ih")
    #expect(model.copy().parameters.map(\.name) == model.parameters.map(\.name))
    #expect(model.weightInput.shape == [2, 3])
    #expect(try tensors(.own).keys.contains("blocks.1.weight_ih"))
  }

  @Test func `what has no twin keeps its names, its layers have PyTorch's`() throws {
    let names = try tensors(.pyTorch).keys.sorted()
    #expect(
      names == [
        "attention.in_proj_bias", "attention.in_proj_weight", "attention.out_proj.bias",
        "attention.out_proj.weight", "blocks.0.T.bias", "blocks.0.T.weight", "blocks.0.b",
        "blocks.0.weight_ih", "blocks.1.T.bias", "blocks.1.T.weight", "blocks.1.b",
        "blocks.1.weight_ih",
      ])
  }

  @Test func `gaps are filled word by word and path by path`() throws {
    let names = try tensors([
      .rename("blocks.*.**", to: "**@*"), .rename("attention.*Weight", to: "*"),
    ]).keys
    #expect(names.contains("gate.weight@1") && names.contains("weight_ih@0"))
    #expect(names.contains("query") && names.contains("attention.queryBias"))
  }

  @Test func `rules work one after the other`() throws {
    let names = try tensors(
      NameMap(
        NameMap(.pyTorch, [.rename("blocks.**", to: "encoder.**")]),
        [.rename("encoder.*.T.**", to: "bert.*.gate.**")])
    ).keys
    #expect(names.contains("bert.0.gate.weight") && names.contains("encoder.0.weight_ih"))
  }

  @Test func `parts are joined, split, transposed and reordered`() throws {
    let model = Stack(seed: 1)
    let attention = model.attention
    let all = try tensors([
      .join(["attention.queryWeight", "attention.keyWeight"], to: "qk", axis: 1),
      .split("attention.valueWeight", to: ["v.0", "v.1"], lengths: [1, 3]),
      .transpose("blocks.*.weight_ih", to: "blocks.*.kernel"),
      .reorder("attention.outputWeight", blocks: [1, 3, 0, 2]),
      .split("qk", to: ["first", "second"], axis: 1),
      .transpose("first"),
    ])
    #expect(try Tensor<Float>(all["second"]!) == attention.keyWeight)
    #expect(try Tensor<Float>(all["first"]!) == attention.queryWeight.transposed())
    #expect(all["v.0"]?.shape == [1, 4] && all["v.1"]?.shape == [3, 4])
    #expect(
      try Tensor<Float>(all["blocks.1.kernel"]!) == model.blocks[1].weightInput.transposed())
    let rows = attention.outputWeight.split(axis: 0, every: 1)
    #expect(
      try Tensor<Float>(all["attention.outputWeight"]!)
        == .concatenated([rows[1], rows[3], rows[0], rows[2]], axis: 0))
    #expect(all["qk"] == nil)
  }

  @Test func `what is kept stays as it is, what is skipped is not looked at`() throws {
    let (model, other) = (Highway(seed: 1), Highway(seed: 2))
    let names: NameMap = [.keep("gate.*"), .skip("head.**")]
    var file = model.weights(names: names)
    #expect(file.tensors.keys.sorted() == ["b", "weight_ih"])
    file.tensors["head.weight"] = StoredTensor([1, 2] as [Int64], shape: [2])
    let before = other.gate.weight
    let report = try other.load(file, names: names)
    #expect(other.gate.weight == before && other.weightInput == model.weightInput)
    #expect(report.kept == ["gate.weight", "gate.bias"] && report.skipped == ["head.weight"])
  }

  @Test func `everything that is wrong is said at once, with the nearest names`() throws {
    let model = Stack(seed: 1)
    let before = model.weights().tensors
    var file = Stack(seed: 2).weights(names: .pyTorch)
    file.tensors["attention.in_proj_wieght"] = file.tensors.removeValue(
      forKey: "attention.in_proj_weight")
    file.tensors["blocks.0.b"] = StoredTensor([1, 2, 3] as [Float], shape: [3])
    file.tensors["blocks.1.b"] = StoredTensor([1, 2] as [Int64], shape: [2])
    do throws(WeightsError) {
      try model.load(file, from: "w", names: .pyTorch)
      Issue.record("nothing was thrown")
    } catch {
      let report = try #require(error.report)
      #expect(report.missing == ["attention.in_proj_weight"])
      #expect(report.unexpected == ["attention.in_proj_wieght"])
      #expect(report.nearest(to: "attention.in_proj_weight") == ["attention.in_proj_wieght"])
      #expect(report.nearest(to: "attention.in_proj_wieght") == ["attention.in_proj_weight"])
      #expect(report.misshapen == [.init(name: "blocks.0.b", expected: [2], found: [3])])
      #expect(report.wrongTypes == [.init(name: "blocks.1.b", found: .int64)])
      #expect(report.loaded.count == 9 && report.problemCount == 4)
      #expect(
        error.description == """
          w: 9 of 12 tensors were loaded
            there is no 'attention.in_proj_weight', which the model needs \
          (nearest: 'attention.in_proj_wieght')
            the model has no parameter 'attention.in_proj_wieght' \
          (nearest: 'attention.in_proj_weight')
            'blocks.0.b' has the shape [3], expected [2]
            'blocks.1.b' has I64 elements, expected floating ones (F32, F64, F16 or BF16)
          """)
      #expect(
        error.sentence
          == "w: there is no 'attention.in_proj_weight', which the model needs "
          + "(nearest: 'attention.in_proj_wieght'), and 3 more do not fit")
    }
    #expect(model.weights().tensors == before)
    let report = try model.load(file, names: .pyTorch, isStrict: false)
    #expect(report.loaded.count == 9 && !report.isComplete)
    let after = model.weights().tensors
    #expect(after["attention.queryWeight"] == before["attention.queryWeight"])
    #expect(after["blocks.1.gate.bias"] != before["blocks.1.gate.bias"])
  }

  @Test func `a part that is missing is named`() throws {
    let model = Linear<Float>(sharing: Parameter(wrappedValue: .zeros([4, 2])), bias: false)
    let names: NameMap = [.split("weight", to: ["a", "b"])]
    var file = model.weights(names: names)
    file.tensors["b"] = nil
    #expect {
      try model.load(file, names: names)
    } throws: {
      ($0 as? WeightsError)?.report?.missing == ["b"]
    }
  }

  @Test func `tied weights may have either name in PyTorch's files, too`() throws {
    struct Tied: Layer {
      let embedding: Embedding<Float>
      let output: Linear<Float>
      init(seed: UInt64) {
        var generator = Generator(seed: seed)
        embedding = Embedding(count: 5, size: 3, using: &generator)
        output = Linear(sharing: embedding.$weight, bias: false)
      }
    }
    let (model, other) = (Tied(seed: 1), Tied(seed: 2))
    var file = model.weights(names: .pyTorch)
    #expect(file.tensors.keys.sorted() == ["embedding.weight"])
    file.tensors["output.weight"] = file.tensors["embedding.weight"]
    try other.load(file, names: .pyTorch)
    file.tensors["embedding.weight"] = nil
    try other.load(file, names: .pyTorch)
    #expect(other.embedding.weight == model.embedding.weight)
  }

  @Test(arguments: [
    (NameRule.split("weight", to: ["a", "b"], axis: 2), "no axis 2"),
    (.split("weight", to: ["a", "b", "c"]), "no parts of [1, 1, 1] on axis 0"),
    (.split("weight", to: ["a", "b"], lengths: [-1, 5]), "no parts of [-1, 5] on axis 0"),
    (.split("weight", to: ["a", "b"], lengths: [.max, .max]), "no parts of"),
    (.split("weight", to: []), "no parts of [] on axis 0"),
    (.transpose("bias"), "no axes in the order [1, 0]"),
    (.reorder("weight", blocks: [2, 1, 0]), "no parts of [1, 1, 1] on axis 0"),
    (.join(["weight", "bias"], to: "all"), "'bias' of shape [4] does not fit the others in 'all'"),
    (.join(["weight", "weight"], to: "all"), "'weight' is joined to 'all' twice"),
    (.join(["weight", "gate"], to: "all"), "there is no 'gate' to be joined to 'all'"),
    (.join(["weight", "bias"], to: "all", axis: -1), "no axis -1"),
    (.rename("bias", to: "weight"), "'weight' and 'bias' are both 'weight' in the file"),
  ])
  func `rules that do not fit the model are an error of the file`(
    rule: NameRule, reason: String
  ) throws {
    var generator = Generator(seed: 1)
    let model = Linear<Float>(inputs: 3, outputs: 4, using: &generator)
    do throws(WeightsError) {
      try model.load(model.weights(), from: "w", names: [rule])
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.description.hasPrefix("w: the rules of its names do not fit the model: "))
      #expect(error.description.contains(reason))
    }
  }

  @Test func `names that do not fit are a programming error where a file is written`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let model = Linear<Float>(inputs: 3, outputs: 4, using: &generator)
      _ = model.weights(names: [.transpose("bias")])
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("weights: the rules of the names do not fit the model: 'bias'"))
  }

  @Test func aRuleWithoutNamesEndsWithASentence() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NameRule.join([], to: "whole")
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("names: a rule without names"))
  }
}
