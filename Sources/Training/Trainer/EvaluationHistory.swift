/// All evaluations of a training, packed: each checkpoint has them all.
package struct EvaluationHistory: Codable {
  /// In their order.
  package private(set) var all: [TrainingReport.Evaluation] = []

  /// What evaluations have in common.
  private struct Form: Codable, Equatable {
    let names: [String]
    let deciding: String
    let lowerIsBetter: Bool

    init(_ metrics: Metrics) {
      names = metrics.values.map(\.name)
      deciding = metrics.deciding
      lowerIsBetter = metrics.lowerIsBetter
    }
  }

  /// The form of each evaluation: all have the same, unless what is measured changes.
  private var forms: [Form] = []
  /// Of each evaluation: the number of its form, epoch, step, examples, seconds, and values.
  private var numbers = PackedNumbers()

  private enum CodingKeys: CodingKey { case forms, numbers }

  /// Without an evaluation.
  package init() {}

  /// Takes note of an evaluation.
  package mutating func append(_ evaluation: TrainingReport.Evaluation) {
    all.append(evaluation)
    let form = Form(evaluation.metrics)
    let index = forms.firstIndex(of: form) ?? forms.count
    if index == forms.count { forms.append(form) }
    for count in [index, evaluation.epoch, evaluation.step, evaluation.examples] {
      numbers.add(count)
    }
    numbers.add(evaluation.seconds)
    for metric in evaluation.metrics.values { numbers.add(metric.value) }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    forms = try container.decode([Form].self, forKey: .forms)
    numbers = try container.decode(PackedNumbers.self, forKey: .numbers)
    var rest = numbers
    while !rest.isEmpty {
      guard let evaluation = Self.take(from: &rest, forms) else {
        throw DecodingError.dataCorruptedError(
          forKey: .numbers, in: container, debugDescription: "no evaluations")
      }
      all.append(evaluation)
    }
  }

  private static func take(
    from rest: inout PackedNumbers, _ forms: [Form]
  ) -> TrainingReport.Evaluation? {
    guard let index = rest.takeCount(upTo: forms.count - 1), let epoch = rest.takeCount(),
      let step = rest.takeCount(), let examples = rest.takeCount(), let seconds = rest.takeNumber()
    else { return nil }
    let form = forms[index]
    var values: [Metrics.Value] = []
    for name in form.names {
      guard let value = rest.takeNumber() else { return nil }
      values.append(.init(name: name, value: value))
    }
    let metrics = Metrics(values, deciding: form.deciding, lowerIsBetter: form.lowerIsBetter)
    return .init(
      epoch: epoch, step: step, examples: examples, seconds: seconds, metrics: metrics)
  }
}
