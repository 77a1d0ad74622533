import Autograd
import Interchange

/// How numbers are spread, as TensorBoard draws it: counts between limits that grow by a tenth from
/// 1e-12 to 1e20 on both sides of zero, and one beyond on each side.
///
/// Numbers that are not finite stand nowhere in it.
struct Histogram {
  private var smallest = Double.infinity
  private var largest = -Double.infinity
  private var count = 0
  private var sum = 0.0
  private var sumOfSquares = 0.0
  /// How many numbers are at least the limit of that index and below the next one.
  private var counts = [Int](repeating: 0, count: limits.count - 1)

  init(_ numbers: [Double]) {
    for number in numbers where number.isFinite {
      smallest = min(smallest, number)
      largest = max(largest, number)
      count += 1
      sum += number
      sumOfSquares += number * number
      counts[Self.bucket(of: number)] += 1
    }
  }

  /// Whether there is any number in it.
  var isEmpty: Bool { count == 0 }

  /// The message `HistogramProto`. Limits are those on the right of the buckets; an empty bucket before
  /// the first full one has the limit on its left.
  var message: ProtobufMessage {
    let full = counts.firstIndex { $0 > 0 }!...counts.lastIndex { $0 > 0 }!
    var message = ProtobufMessage()
    message.add(1, smallest)
    message.add(2, largest)
    message.add(3, Double(count))
    message.add(4, sum)
    message.add(5, sumOfSquares)
    message.add(packed: 6, Array(Self.limits[full.lowerBound...full.upperBound + 1]))
    message.add(packed: 7, [0] + counts[full].map(Double.init))
    return message
  }

  /// The limits, rising.
  private static let limits: [Double] = {
    var positive = [1e-12]
    while positive.last! * 1.1 < 1e20 { positive.append(positive.last! * 1.1) }
    positive.append(.greatestFiniteMagnitude)
    return positive.reversed().map { -$0 } + [0] + positive
  }()

  /// The last bucket whose left limit is at most the number.
  private static func bucket(of number: Double) -> Int {
    var (low, high) = (0, limits.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if limits[middle] <= number { low = middle } else { high = middle }
    }
    return low
  }
}
