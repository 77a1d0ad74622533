import Autograd
import Layers

/// What the ranks of a group tell one another in the course of a training.
///
/// Where a rank may have failed since the last time, an exchange begins with the same short message of
/// all (`agree`), in which a rank that has failed says so (`tell`): it may fail anywhere, and the others
/// learn of it where they meet next.
final class RankExchange {
  let group: any TrainingGroup
  private let parameterCount: Int
  let format: GradientFormat
  /// What rounding has taken away from this rank's gradients, and is to be added to the next.
  var errors = RoundingErrors()
  /// Whether nothing more can be told: all know of a failure, or the group itself does not work.
  private(set) var isOver = false

  /// - Parameters:
  ///   - parameterCount: that of the model, the same on all ranks.
  ///   - format: as what gradients are sent.
  init(_ group: any TrainingGroup, parameterCount: Int, format: GradientFormat) {
    self.group = group
    self.parameterCount = parameterCount
    self.format = format
  }

  /// What all ranks know after they have met.
  struct Agreement {
    /// The sum of what the ranks gave.
    var loss = 0.0
    /// Seconds since the training's start, by rank 0's clock.
    var seconds = 0.0
    /// Whether any rank was asked to stop.
    var stops = false
    /// The model's parameters of which any rank may have a gradient, by their positions: in the order
    /// in which rank 0 has met them, then the others.
    var met: [Int] = []
  }

  /// Meets the other ranks.
  ///
  /// - Throws: `TrainingError.rankFailed` where one of them has failed.
  func agree(_ own: Agreement = Agreement()) throws -> Agreement {
    // Whether it was met by any rank, and as which by rank 0.
    var (isMet, places) = (zeros, zeros)
    for (place, position) in own.met.enumerated() {
      isMet[position] = 1
      if group.rank == 0 { places[position] = Double(place - own.met.count) }
    }
    let sums = try summed(
      [0, own.stops ? 1 : 0, own.loss, group.rank == 0 ? own.seconds : 0] + isMet + places)
    if sums[0] > 0 { try learnOfFailure(nil) }
    let (anyMet, first) = (sums[4..<4 + parameterCount], sums[(4 + parameterCount)...])
    let met = (0..<parameterCount).filter { anyMet[4 + $0] > 0 }
    func place(_ position: Int) -> (Double, Int) {
      (first[4 + parameterCount + position], position)
    }
    return Agreement(
      loss: sums[2], seconds: sums[3], stops: sums[1] > 0,
      met: met.sorted { place($0) < place($1) })
  }

  private var zeros: [Double] { [Double](repeating: 0, count: parameterCount) }

  /// Meets the other ranks with the word that this one has failed.
  func tell(_ error: any Error) {
    if isOver { return }
    do {
      _ = try summed([1, 0, 0, 0] + zeros + zeros)
      try learnOfFailure(error)
    } catch {
      // The group does not work: the first error is worth more than this one.
      isOver = true
    }
  }

  /// Finds out who has failed first, and why.
  private func learnOfFailure(_ own: (any Error)?) throws {
    let failed = try ranks { own != nil }
    let first = failed[0]
    let sentence = try checked {
      try group.broadcast(own.map { Array("\($0)".utf8) } ?? [], from: first)
    }
    isOver = true
    group.allKnowOfFailure()
    if own == nil {
      throw TrainingError.rankFailed(
        rank: first, of: group.size, sentence: String(decoding: sentence, as: UTF8.self))
    }
  }

  /// The ranks on which something is true.
  func ranks(where isTrue: () -> Bool) throws -> [Int] {
    var marks = [Double](repeating: 0, count: group.size)
    if isTrue() { marks[group.rank] = 1 }
    let sums = try summed(marks)
    return sums.indices.filter { sums[$0] > 0 }
  }

  /// A value of rank 0.
  func broadcast<Value: Codable>(_ value: Value) throws -> Value {
    let own = group.rank == 0 ? Array(try StrictJSON.text(value).utf8) : []
    let bytes = try checked { try group.broadcast(own, from: 0) }
    return group.rank == 0
      ? value : try StrictJSON.decoded(String(decoding: bytes, as: UTF8.self))
  }

  // MARK: Models

  /// Gives all ranks the weights of rank 0's model: all of them, or those that no gradient changes.
  func broadcast(_ model: some Layer, onlyFrozen: Bool = false) throws {
    for (name, parameter) in model.parameters where parameter.isFrozen || !onlyFrozen {
      switch parameter {
      case let parameter as Parameter<Float>: try broadcast(parameter)
      case let parameter as Parameter<Double>: try broadcast(parameter)
      default: trap("\(name) is not a parameter of Float or Double")
      }
    }
  }

  private func broadcast<Scalar>(_ parameter: Parameter<Scalar>) throws {
    var tensor = parameter.tensor
    try checked { try group.broadcast(&tensor) }
    if group.rank != 0 { parameter.tensor = tensor }
  }

  /// Throws where a rank has other weights than rank 0.
  func compare(_ model: some Layer, step: Int) throws {
    let own = checksum(of: model)
    let first = try broadcast(own)
    let others = try ranks { own != first }
    if !others.isEmpty { throw TrainingError.ranksDiffer(step: step, ranks: others) }
  }

  /// A number that is another, but for chance, where a bit of a weight is.
  private func checksum(of model: some Layer) -> UInt64 {
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ bits: UInt64) { sum = (sum ^ bits) &* 0x100_0000_01b3 }
    for (name, parameter) in model.parameters where !parameter.isFrozen {
      switch parameter {
      case let parameter as Parameter<Float>:
        parameter.tensor.withUnsafeScalars { for x in $0 { add(UInt64(x.bitPattern)) } }
      case let parameter as Parameter<Double>:
        parameter.tensor.withUnsafeScalars { for x in $0 { add(x.bitPattern) } }
      default: trap("\(name) is not a parameter of Float or Double")
      }
    }
    return sum
  }

  // MARK: Calls of the group

  private func summed(_ values: [Double]) throws -> [Double] {
    var tensor = Tensor<Double>(values)
    try checked { try group.sum(&tensor) }
    return tensor.scalars
  }

  /// Where the group fails, it is over.
  func checked<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      isOver = true
      throw error
    }
  }
}
