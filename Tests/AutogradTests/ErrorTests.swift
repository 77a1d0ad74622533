import Testing

@testable import Autograd

/// What a programming error says before it ends the program, in optimized builds too. Each runs in
/// a process of its own.
@Suite struct ErrorTests {
  private func message(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test func `a matrix product names both shapes and the sizes that differ`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = matmul(Tensor<Float>.zeros([2, 3]), Tensor<Float>.zeros([4, 5]))
    }
    #expect(message(result).contains("matmul: [2, 3] x [4, 5]: inner sizes 3 and 4 differ"))
  }

  @Test func `a sum names both shapes and the axis`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tensor<Float>.zeros([2, 3]) + Tensor<Float>.zeros([4])
    }
    #expect(
      message(result).contains(
        "add: [2, 3] and [4] do not broadcast: 3 and 4 differ at axis -1"))
  }

  @Test func `a linear function names the shapes`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = linear(Tensor<Float>.zeros([7, 2]), Tensor<Float>.zeros([4, 3]))
    }
    #expect(
      message(result).contains("linear: an input of shape [7, 2] for a weight of shape [4, 3]"))
  }

  @Test func `a reduction names the axis that is not there`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tensor<Float>.zeros([2, 3]).sum(axes: 2)
    }
    #expect(
      message(result).contains("sum: axis 2 of a tensor of shape [2, 3], which has 2 axes"))
  }

  @Test func `a row that is not there is named with the number of rows`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tensor<Float>.zeros([2, 3]).rows(Tensor<Int32>([0, 2]))
    }
    #expect(message(result).contains("rows: index 2 of a table with 2 rows"))
  }

  @Test func `an element that is not there is named with the shape`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tensor<Float>.zeros([2, 3])[1, 3]
    }
    #expect(message(result).contains("position [1, 3] is outside a tensor of shape [2, 3]"))
  }

  @Test func `scalars that do not fill a shape are counted`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tensor<Float>([1, 2, 3], shape: [2, 2])
    }
    #expect(message(result).contains("a tensor of shape [2, 2] has 4 elements, not 3"))
  }

  @Test func `the gradient of more than one number says how to get one`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = gradient(at: Tensor<Float>.zeros([2])) { $0 * 2 }
    }
    #expect(message(result).contains("a tensor of shape [2]: reduce it, with sum() or mean()"))
  }

  @Test func `a pullback with the wrong number of gradients is named`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = gradient(at: Tensor<Float>(1)) { x in
        customOperation("mine", [x]) {
          $0[0]
        } pullback: { _, _, _ in
          []
        }
      }
    }
    #expect(message(result).contains("mine: the pullback gave 0 gradients for 1 inputs"))
  }
}
