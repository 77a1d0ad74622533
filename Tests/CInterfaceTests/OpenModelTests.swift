import CInterface
import Foundation
import Testing
import ZooCInterface

/// Opening, calling from many threads, training and closing, as a C caller does.
@Suite struct OpenModelTests {
  // MARK: Opening and closing

  @Test func whatCannotBeOpenedIsASentence() throws {
    try withFolder { folder in
      func sentence(_ path: String?, _ kind: String? = nil, _ scalar: Int32 = 1) -> String {
        #expect(scorers.open(path, kind, scalar) == 0)
        return errorText
      }
      #expect(
        sentence("\(folder)/none") == "cannot open '\(folder)/none': No such file or directory")
      #expect(sentence(folder).hasPrefix("\(folder): expected model.safetensors"))
      #expect(sentence(nil) == "the path is no text in UTF-8")
      var generator = Generator(seed: 3)
      let model = Scorer<Float>(.init(symbols: 9, size: 4), using: &generator)
      try model.save(toFolder: folder)
      let unknown = "no model of the kind 'elman' in float32; this library has scorer"
      #expect(sentence(folder, "elman") == unknown)
      #expect(sentence(folder, nil, 2).contains("in float64"))
      #expect(sentence(folder, nil, 3) == "models are of float32 or float64, not of the type 3")
      #expect(sentence(folder, nil, 77).hasPrefix("models are of float32 or float64"))
      // Cut off anywhere.
      let file = "\(folder)/model.safetensors"
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      for count in [0, 4, 8, 100, bytes.count - 1] {
        try bytes.prefix(count).write(to: URL(fileURLWithPath: file))
        #expect(sentence(folder).hasPrefix(file), "\(count) bytes")
      }
      // Of more symbols than the weights have.
      try bytes.write(to: URL(fileURLWithPath: file))
      try "{\"size\":4,\"symbols\":10}".write(
        toFile: "\(folder)/config.json", atomically: true, encoding: .utf8)
      #expect(sentence(folder).contains("embedding.weight"))
      try "{\"size\":4}".write(
        toFile: "\(folder)/config.json", atomically: true, encoding: .utf8)
      #expect(sentence(folder).contains("no key 'symbols'"))
    }
  }

  @Test func aModelIsMadeOfAConfiguration() throws {
    func made(_ text: String, seed: UInt64 = 3, kind: String = "scorer") -> Int64 {
      scorers.create(kind, text, seed, 1)
    }
    let sizes = "{\"size\":4,\"symbols\":9}"
    let (opened, same, other) = (try openScorer(), made(sizes), made(sizes, seed: 4))
    #expect(call(same, given()) != nil)
    #expect(call(same, given()) == call(opened, given()))
    #expect(call(same, given()) != call(other, given()))
    for model in [opened, same, other] { #expect(closeModel(model) == 0) }
    for (text, kind, sentence) in [
      (sizes, "elman", "no model of the kind 'elman' in float32"),
      ("{", "scorer", "the configuration has no JSON"),
      ("{\"size\":4}", "scorer", "the configuration has no key 'symbols'"),
      ("{\"size\":4,\"symbols\":9,\"x\":1}", "scorer", "the configuration has a key 'x'"),
      (
        "{\"size\":4,\"symbols\":0}", "scorer",
        "no model can be made of the configuration: symbols is 0"
      ),
      (
        "{\"size\":1048576,\"symbols\":1048576}", "scorer",
        "a model of 1099511627776 numbers; at most 1073741824 are made"
      ),
    ] {
      #expect(made(text, kind: kind) == 0)
      #expect(errorText.hasPrefix(sentence), "\(errorText)")
    }
  }

  @Test func aModelIsClosedOnce() throws {
    let model = try openScorer()
    var outputs: UnsafeRawPointer?
    var count: Int32 = 0
    let result = weightsOfModel(model, &outputs, &count)
    #expect(result != 0 && count == 1)
    // A result is no model, and a model no result.
    #expect(closeModel(result) == -1)
    #expect(releaseResult(model) == -1)
    #expect(closeModel(model) == 0)
    // It stays while it is held.
    #expect(numbers(outputs, count)["embedding.weight"]?.count == 36)
    #expect(releaseResult(result) == 0)
    #expect(releaseResult(result) == -1)
    #expect(errorText == "no result is open under the number \(result); was it closed already?")
    #expect(closeModel(model) == -1)
    #expect(errorText == "no model is open under the number \(model); was it closed already?")
    for failure in [
      call(model, given()) == nil, train(model, given()) == nil, saveModel(model, "/none/x") == -1,
      describeModel(model, nil, 0) == -1, setRate(model, 1) == -1,
      setOptimizer(model, "adam", 1, -1, 0, 0) == -1, weightsOfModel(model, nil, nil) == 0,
    ] { #expect(failure) }
    #expect(errorText == "no model is open under the number \(model); was it closed?")
  }

  @Test func aTextIsWrittenAsFarAsThereIsRoom() throws {
    let model = try openScorer()
    defer { #expect(closeModel(model) == 0) }
    let length = describeModel(model, nil, 0)
    var buffer = [CChar](repeating: 77, count: Int(length) + 1)
    #expect(describeModel(model, &buffer, 5) == length)
    #expect(buffer[4] == 0 && buffer[5] == 77)
    #expect(describeModel(model, &buffer, length + 1) == length)
    let text = Data(buffer.dropLast().map { UInt8(bitPattern: $0) })
    let described = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    #expect(described["kind"] as? String == "scorer" && described["parameters"] as? Int == 36)
    let functions = try #require(described["functions"] as? [[String: Any]])
    #expect(functions.map { $0["name"] as? String } == ["apply", "refuse", "forgetful"])
  }

  // MARK: Threads

  /// Several threads, each with a number of its own.
  private func concurrently(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let done = DispatchGroup()
    for number in 0..<count {
      done.enter()
      Thread.detachNewThread {
        body(number)
        done.leave()
      }
    }
    done.wait()
  }

  @Test func eightThreadsGetTheBitsOfOne() throws {
    let (one, other) = (try openScorer(), try openScorer())
    let inputs = (0..<8).map { given(batch: 3 + $0, time: 40) }
    let alone = inputs.map { call(one, $0)! }
    let wrong = Counter()
    concurrently(8) { number in
      for round in 0..<50 {
        let model = (number + round) % 2 == 0 ? one : other
        if call(model, inputs[number]) != alone[number] { wrong.add() }
      }
    }
    #expect(wrong.value == 0)
    #expect(closeModel(one) == 0 && closeModel(other) == 0)
  }

  @Test func eachThreadHasItsOwnError() throws {
    let model = try openScorer()
    defer { #expect(closeModel(model) == 0) }
    let wrong = Counter()
    concurrently(8) { number in
      for _ in 0..<50 {
        _ = call(model, given() + [.wholes("unknown \(number)", [1])])
        if !errorText.hasPrefix("nothing is called 'unknown \(number)' here") { wrong.add() }
      }
    }
    #expect(wrong.value == 0)
  }

  @Test func callsDuringATrainingSeeWeightsOfBeforeOrAfterAStep() throws {
    let (model, twin) = (try openScorer(), try openScorer())
    let examples = given() + [.floats("wanted", [1, 2, 3, 4, 5, 6], [2, 3])]
    // All states that there can be, from a model that nobody else calls.
    var states = [call(twin, given())!]
    #expect(setOptimizer(twin, "sgd", 0.1, -1, 0, 1) == 0)
    for _ in 0..<20 {
      _ = train(twin, examples)
      states.append(call(twin, given())!)
    }
    #expect(setOptimizer(model, "sgd", 0.1, -1, 0, 1) == 0)
    let possible = states
    let wrong = Counter()
    concurrently(5) { number in
      for _ in 0..<20 {
        if number == 0 {
          if train(model, examples) == nil { wrong.add() }
        } else if !possible.contains(call(model, given())!) {
          wrong.add()
        }
      }
    }
    #expect(wrong.value == 0)
    #expect(call(model, given()) == possible.last)
    #expect(closeModel(model) == 0 && closeModel(twin) == 0)
  }

  // MARK: Training

  static let optimizers: [(String, @Sendable () -> any Optimizer)] = [
    ("sgd", { SGD(learningRate: 0.02) }), ("adam", { Adam(learningRate: 0.02) }),
    ("adamw", { AdamW(learningRate: 0.02) }), ("nadam", { NAdam(learningRate: 0.02) }),
    ("radam", { RAdam(learningRate: 0.02) }), ("adamax", { Adamax(learningRate: 0.02) }),
    ("rmsprop", { RMSprop(learningRate: 0.02) }), ("adagrad", { Adagrad(learningRate: 0.02) }),
    ("adadelta", { Adadelta(learningRate: 0.02) }),
  ]

  @Test(arguments: optimizers.indices)
  func stepsAreThoseOfTheSameStepsInSwift(_ index: Int) throws {
    let (name, make) = Self.optimizers[index]
    let model = try openScorer()
    defer { #expect(closeModel(model) == 0) }
    var start = Generator(seed: 3)
    let twin = Scorer<Float>(.init(symbols: 9, size: 4), using: &start)
    var (optimizer, generator) = (make(), Generator(seed: 11))
    let x = Tensor<Float>((0..<24).map { Float($0 % 7) - 3 }, shape: [2, 3, 4])
    let symbols = Tensor<Int32>([0, 1, 2, 3, 4, 5], shape: [2, 3])
    let wanted = Tensor<Float>([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(setOptimizer(model, name, 0.02, -1, 0.5, 11) == 0)
    let examples = given() + [.floats("wanted", [1, 2, 3, 4, 5, 6], [2, 3])]
    for step in 0..<4 {
      if step == 2 {
        // As a schedule does.
        #expect(setRate(model, 0.01) == 0)
        optimizer.learningRate = 0.01
      }
      let (loss, gradients) = valueWithGradient(at: twin, using: &generator) { model in
        squaredErrorLoss((x * model.dropout(model.embedding(symbols))).sum(axes: 2), wanted)
      }
      optimizer.update(twin, along: gradients.clipped(toNorm: 0.5))
      #expect(train(model, examples) == Double(loss.scalar))
    }
    var outputs: UnsafeRawPointer?
    var count: Int32 = 0
    let result = weightsOfModel(model, &outputs, &count)
    #expect(numbers(outputs, count) == ["embedding.weight": twin.embedding.weight.scalars])
    #expect(releaseResult(result) == 0)
  }

  @Test func trainingThatMeansNothingIsRefused() throws {
    let model = try openScorer()
    defer { #expect(closeModel(model) == 0) }
    let examples = given() + [.floats("wanted", [1, 2, 3, 4, 5, 6], [2, 3])]
    #expect(train(model, examples) == nil)
    #expect(errorText == "training has not begun: an optimizer is to be chosen first")
    #expect(setRate(model, 0.1) == -1)
    for (name, rate, decay, clip, sentence) in [
      ("adm", 1, 0, 0, "no optimizer is called 'adm'; there are sgd, adam"),
      ("adam", -1, 0, 0, "a learning rate of -1.0"), ("adam", .nan, 0, 0, "a learning rate of nan"),
      ("adam", 1, .nan, 0, "a weight decay of nan"), ("adam", 1, 0, .nan, "gradients clipped to"),
      ("adam", 1, 0, -2, "gradients clipped to the norm -2.0"),
    ] as [(String, Double, Double, Double, String)] {
      #expect(setOptimizer(model, name, rate, decay, clip, 0) == -1)
      #expect(errorText.hasPrefix(sentence), "\(errorText)")
    }
    #expect(setOptimizer(model, "adam", 0.1, -1, 0, 0) == 0)
    #expect(setRate(model, .infinity) == -1)
    #expect(train(model, given()) == nil)
    #expect(errorText == "'wanted' is missing: float32 [batch, time] is expected")
    #expect(train(model, examples) != nil)
  }

  @Test func whatIsSavedIsOpenedAgain() throws {
    let model = try openScorer()
    defer { #expect(closeModel(model) == 0) }
    let examples = given() + [.floats("wanted", [1, 2, 3, 4, 5, 6], [2, 3])]
    #expect(setOptimizer(model, "adam", 0.1, -1, 0, 0) == 0)
    #expect(train(model, examples) != nil)
    let made = try #require(call(model, given()))
    try withFolder { folder in
      for path in ["\(folder)/model", "\(folder)/model.safetensors"] {
        #expect(saveModel(model, path) == 0)
        let again = scorers.open(path, nil, 1)
        #expect(call(again, given()) == made)
        #expect(closeModel(again) == 0)
      }
      #expect(saveModel(model, "\(folder)/model.safetensors/within") == -1)
      #expect(errorText.hasPrefix("cannot "))
    }
  }
}

/// Counts from several threads.
private final class Counter: Sendable {
  private let lock = NSLock()
  /// Unsafe, as the compiler does not know that only who holds the lock touches it.
  private nonisolated(unsafe) var count = 0

  var value: Int { lock.withLock { count } }
  func add() { lock.withLock { count += 1 } }
}
