import Autograd
import Layers
import Training
import Workloads

/// Work of growing size, and how its time and memory grow.
struct Growth {
  let name: String
  /// Ascending.
  let sizes: [Int]
  let make: (Int) -> () -> Void

  /// Runs every size and prints a line for each, then the exponents.
  func report(_ output: Output) throws {
    var times: [Double] = []
    var memories: [Double] = []
    // What the process needs once is none of the growth.
    make(1)()
    Resident.trim()
    let idle = Resident.now
    for size in sizes {
      Resident.trim()
      // What the size before has left, as a tape's records, is used again, and counts.
      let left = Resident.now - idle
      let work = make(size)
      Resident.forgetPeak()
      let start = Resident.now - left
      times.append(Stopwatch(budget: 0.5).median(work))
      memories.append(Double(Resident.peak - start))
      try output.print(
        "\(name), \(size): \(time(times.last!)), \(rounded(memories.last! / 1e6)) MB")
    }
    let steps = sizes.map(Double.init)
    try output.print(
      "\(name): time grows with exponent \(rounded(exponent(steps, times), 3)), "
        + "memory with \(rounded(exponent(steps, memories), 3))")
  }
}

/// The slope of a straight line through the points' logarithms, by least squares.
private func exponent(_ x: [Double], _ y: [Double]) -> Double {
  let (x, y) = (log(Tensor(x)), log(Tensor(y)))
  let deviation = x - x.mean()
  return ((deviation * (y - y.mean())).sum() / (deviation * deviation).sum()).scalar
}

extension Growth {
  private static let lengths = [3000, 10_000, 30_000, 100_000]
  private static let counts = [10_000, 30_000, 100_000, 300_000, 1_000_000]

  static var all: [Growth] {
    [
      // A batch, so that what the operation needs at any length is little beside the sequence.
      sequence("fused LSTM over a sequence", lengths, batch: 8) {
        LSTMCell<Float>(inputSize: 8, hiddenSize: 16, using: &$0)
      },
      sequence("own LSTM over a sequence", lengths) { OwnLSTMCell(8, 16, using: &$0) },
      checkpointedSequence,
      Growth(name: "operations on a tape", sizes: counts) { count in
        let a = Tensor<Float>.ones([4])
        return {
          _ = valueWithGradient(at: a) { a in
            var z = a
            for _ in 0..<(count / 2) { z = z * a + a }
            return z.sum()
          }
        }
      },
      // Longer, because the memory of shorter ones is hardly more than a page.
      Growth(
        name: "operations in checkpointed segments", sizes: counts.dropFirst(2) + [3_000_000]
      ) { count in
        let a = Tensor<Float>.ones([4])
        return {
          _ = valueWithGradient(at: a) { a in
            checkpointedScan(steps: count / 2, initialState: [a, a]) {
              [$1[0] * $1[1] + $1[1], $1[1]]
            }[0]
            .sum()
          }
        }
      },
    ]
  }

  /// A sequence in segments, of which only the sum of the outputs is kept.
  private static var checkpointedSequence: Growth {
    Growth(name: "own LSTM in checkpointed segments", sizes: lengths) { length in
      var generator = Generator(seed: 1)
      let cell = Checkpointed(OwnLSTMCell(8, 16, using: &generator))
      let x = Tensor<Float>.normal([1, length, 8], using: &generator)
      return {
        _ = valueWithGradient(at: cell) { cell in
          cell.reduce(x, initialState: cell.initialState(batch: 1), into: [Tensor(0)]) {
            sum, outputs, _ in
            [sum[0] + outputs.sum()]
          }.result[0]
        }
      }
    }
  }

  /// A train step over one sequence: forward and backward from the last state.
  private static func sequence<Cell: RecurrentCell>(
    _ name: String, _ sizes: [Int], batch: Int = 1, _ cell: @escaping (inout Generator) -> Cell
  ) -> Growth where Cell.Scalar == Float {
    Growth(name: name, sizes: sizes) { length in
      var generator = Generator(seed: 1)
      let rnn = Recurrent(inputSize: 8) { _ in cell(&generator) }
      let x = Tensor<Float>.normal([batch, length, 8], using: &generator)
      return { _ = valueWithGradient(at: rnn) { $0(x).finalStates[0].output.sum() } }
    }
  }
}
