import Autograd
import Layers
import Testing

/// The line that a programming error names: that of the user's call, whatever is called and however
/// deep in the library it ends. Each call ends a process of its own.
@Suite struct CallerLineTests {
  /// A wrong call, and the line on which it stands.
  struct WrongCall: Sendable {
    let name: String
    let line: Int
    let call: @Sendable () -> Void
  }

  /// A layer of a user's own, with the wrong call in it.
  private struct Wrong: Layer {
    let linear: Linear<Float>

    init() {
      var generator = Generator(seed: 1)
      linear = Linear(inputs: 3, outputs: 2, using: &generator)
    }

    static let line = #line + 3
    @inline(never)
    func callAsFunction(_ x: Tensor<Float>) -> Tensor<Float> {
      let outputs = linear(x.transposed())
      return outputs * 2
    }
  }

  /// A cell of a user's own that makes states of another shape.
  private struct WrongCell: RecurrentCell {
    let hiddenSize = 2

    func initialState(batch: Int) -> Tensor<Float> { .zeros([batch, 2]) }

    static let line = #line + 3
    @inline(never)
    func callAsFunction(_ x: Tensor<Float>, _ state: Tensor<Float>) -> Tensor<Float> {
      let sum = x + state
      return tanh(sum)
    }
  }

  private static let x = Tensor<Float>.ones([2, 3])

  static let all: [WrongCall] = [
    WrongCall(name: "an operator", line: operatorLine, call: { useOperator() }),
    WrongCall(name: "a function", line: functionLine, call: { useFunction() }),
    WrongCall(name: "a shape", line: shapeLine, call: { useShape() }),
    WrongCall(name: "within a gradient", line: gradientLine, call: { useGradient() }),
    WrongCall(name: "a layer", line: Wrong.line, call: { useLayer() }),
    WrongCall(name: "a layer within a gradient", line: Wrong.line, call: { useLayerGradient() }),
    WrongCall(name: "a cell that the library calls", line: WrongCell.line, call: { useCell() }),
  ]

  private static let operatorLine = #line + 3
  @inline(never)
  private static func useOperator() {
    let sum = x + Tensor<Float>.ones([4])
    print(sum)
  }

  private static let functionLine = #line + 3
  @inline(never)
  private static func useFunction() {
    let product = matmul(x, x)
    print(product.shape)
  }

  private static let shapeLine = #line + 3
  @inline(never)
  private static func useShape() {
    let row = x.reshaped([7] as Shape)
    print(row.shape, row)
  }

  private static let gradientLine = #line + 4
  @inline(never)
  private static func useGradient() {
    let gradient = gradient(at: x) { x in
      let wide = x.expanded(to: [5, 3])
      return wide.sum()
    }
    print(gradient)
  }

  @inline(never)
  private static func useLayer() { print(Wrong()(x)) }

  @inline(never)
  private static func useLayerGradient() {
    print(valueWithGradient(at: Wrong()) { $0(x).sum() })
  }

  @inline(never)
  private static func useCell() {
    print(Recurrent(inputSize: 3) { _ in WrongCell() }(Tensor<Float>.ones([1, 4, 3])).outputs)
  }

  @Test(arguments: all.map(\.name))
  func `the caller's line stands before the sentence`(name: String) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [name] in
      Self.all.first { $0.name == name }!.call()
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    let line = Self.all.first { $0.name == name }!.line
    #expect(message.contains("CallerLineTests.swift:\(line): Fatal error: "), "\(message)")
  }
}
