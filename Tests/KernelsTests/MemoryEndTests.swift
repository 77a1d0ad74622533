import Foundation
import Kernels
import Testing

/// Kernels read and write nothing after the last element, be it in lanes that do not count: here
/// that is memory which ends the program.
@Suite struct MemoryEndTests {
  /// Room that ends where a page without access begins.
  private final class Edge<Scalar: TestedScalar> {
    private let start: UnsafeMutableRawPointer
    private let pages = 2 * Int(getpagesize())
    private let end: UnsafeMutableRawPointer

    init() {
      start = mmap(nil, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
      end = start + pages / 2
      mprotect(end, pages / 2, PROT_NONE)
    }

    deinit { munmap(start, pages) }

    /// The last `count` numbers before the end.
    func last(_ numbers: [Scalar]) -> UnsafeMutablePointer<Scalar> {
      let place = (end - numbers.count * MemoryLayout<Scalar>.stride)
        .assumingMemoryBound(to: Scalar.self)
      place.initialize(from: numbers, count: numbers.count)
      return place
    }
  }

  private func check<Scalar: TestedScalar>(_: Scalar.Type, _ machine: Machine) {
    let table = Scalar.table(machine)
    let (input, other, output) = (Edge<Scalar>(), Edge<Scalar>(), Edge<Scalar>())
    var numbers = Numbers(41)
    for count in 1...40 {
      let values: [Scalar] = numbers.uniform(count, -2, 2)
      let (x, y, result) = (input.last(values), other.last(values), output.last(values))
      func expect(_ exact: (Double) -> Double) {
        for i in 0..<count {
          #expect(abs(Double(result[i]) - exact(Double(values[i]))) <= 1e-5, "\(count)")
        }
      }
      table.unary(.tanh, x, to: result, count: count)
      expect { tanh($0) }
      table.unary(.exp, x, to: result, count: count)
      expect { exp($0) }
      table.binary(.add, x, stride: 1, y, stride: 1, to: result, count: count)
      expect { $0 + $0 }
      table.softmax(
        x, mask: nil, to: result, Extents(outer: 1, axis: count, inner: 1), logarithm: false)
      let total = values.reduce(0) { $0 + exp(Double($1)) }
      expect { exp($0) / total }
      table.softmax(
        x, mask: nil, to: result, Extents(outer: 1, axis: 1, inner: count), logarithm: false)
      expect { _ in 1 }
      table.reduce(.sum, x, to: result, Extents(outer: 1, axis: 1, inner: count))
      expect { $0 }
    }
  }

  @Test(arguments: Machine.all)
  func `nothing is touched after the last element`(machine: Machine) {
    check(Float.self, machine)
    check(Double.self, machine)
  }
}
