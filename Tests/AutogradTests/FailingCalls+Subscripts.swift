import Autograd

extension FailingCall {
  // MARK: Parts of a tensor

  static let subscripts: [FailingCall] = [
    .init("a position outside", "index: 3 is no position of axis 1 of a tensor of shape [2, 3]") {
      _ = zeros([2, 3])[1, 3]
    },
    .init(
      "a position before the first",
      "index: -1 is no position of axis 0 of a tensor of shape [2, 3]"
    ) {
      _ = zeros([2, 3])[-1]
    },
    .init("a position from the end has a name", "; from the end, that is .fromEnd(1)") {
      _ = zeros([2, 3])[-1]
    },
    .init(
      "a position outside, from the end",
      "index: .fromEnd(4) is no position of axis 1 of a tensor of shape [2, 3]"
    ) {
      _ = zeros([2, 3])[..., .fromEnd(4)]
    },
    .init(
      "position 0 from the end",
      "index: .fromEnd(0) is no position of axis 0 of a tensor of shape [2]"
    ) {
      _ = zeros([2])[.fromEnd(0)]
    },
    .init(
      "the last of none", "index: .fromEnd(1) is no position of axis 0 of a tensor of shape [0]"
    ) {
      _ = zeros([0])[.last]
    },
    .init(
      "setting a position outside", "index: 2 is no position of axis 0 of a tensor of shape [2, 3]"
    ) {
      var x = zeros([2, 3])
      x[2, 0] = 1
    },
    .init("a range outside", "index: 1..<4 is no range of axis 1 of a tensor of shape [2, 3]") {
      _ = zeros([2, 3])[0, 1..<4]
    },
    .init("a range from outside", "index: 3... is no range of axis 0 of a tensor of shape [2, 3]") {
      _ = zeros([2, 3])[3...]
    },
    .init("a range before the first", "; from the end, that is .suffix(2)") {
      _ = zeros([2, 3])[..., (-2)...]
    },
    .init("too many indices", "the tensor of shape [2, 3] has 2 axes, and no axis 2 for one more") {
      _ = zeros([2, 3])[0, ..., 1, 2]
    },
    .init("a step of 0", "an index's step is not 0") { _ = zeros([3])[(0..<3).by(0)] },
    .init("a range of a range with a step", "dropLast: the range has a step already; name it last")
    {
      _ = zeros([3])[.all.by(2).dropLast()]
    },
    .init("a negative number of positions", "suffix: -1 positions") { _ = zeros([3])[.suffix(-1)] },
    .init("an index tensor", "index: 3 is no position of axis 1 of a tensor of shape [2, 3]") {
      _ = zeros([2, 3])[..., [0, 3]]
    },
    .init("a negative one", "index: -1 is no position of axis 0 of a tensor of shape [2, 3]") {
      _ = zeros([2, 3])[Tensor<Int32>([[-1]])]
    },
    .init("index tensors", "index by several tensors: [2] and [3] do not broadcast") {
      _ = zeros([2, 3])[[0, 1], [0, 1, 2]]
    },
    .init("index tensors apart", "stand next to each other") {
      _ = zeros([2, 3, 4])[[0, 1], 0..., [0, 1]]
    },
    .init("a mask", "a mask of shape [2, 2] for the axes from 0 on of a tensor of shape [2, 3]") {
      _ = zeros([2, 3])[Tensor([[true, false], [true, true]])]
    },
    .init("a mask without axes", "index: a mask has at least one axis") {
      _ = zeros([2, 3])[Tensor(true)]
    },
    .init(
      "assigning another shape",
      "a tensor of shape [2] cannot become a part of shape [3] of a tensor of shape [2, 3]"
    ) {
      var x = zeros([2, 3])
      x[0] = zeros([2])
    },
    .init("assigning no number", "index: nil is no number to assign") {
      var x = zeros([2, 3])
      x[0] = nil
    },
  ]

  // MARK: Plain numbers of what is recorded

  private static func differentiating(
    _ body: @escaping @Sendable (Tensor<Double>) -> Double
  ) -> @Sendable () -> Void {
    { _ = gradient(at: .ones([1])) { x in x.sum() * body(x * 2) } }
  }

  static let recorded: [FailingCall] = [
    .init(
      "scalar within a gradient", "scalar: a gradient of this tensor of shape [1] is being taken",
      differentiating { $0.scalar }),
    .init(
      "what to write instead", "or read `x.detached.scalar` where a constant is meant",
      differentiating { $0.scalar }),
    .init(
      "scalars within a gradient", "scalars: a gradient of this tensor of shape [1] is being taken",
      differentiating { $0.scalars[0] }),
    .init(
      "withUnsafeScalars within a gradient", "withUnsafeScalars: a gradient of this tensor",
      differentiating { x in x.withUnsafeScalars { $0[0] } }),
    .init(
      "withUnsafeMutableScalars within a gradient",
      "withUnsafeMutableScalars: a gradient of this tensor",
      differentiating { x in
        var x = x
        return x.withUnsafeMutableScalars { $0[0] }
      }),
    .init("a number of an outer gradient", "scalar: a gradient of this tensor of shape [1]") {
      _ = gradient(at: Tensor<Double>.ones([1])) { x in
        gradient(at: .ones([1])) { y in (y * x.scalar).sum() }.sum()
      }
    },
    .init("a number of an inner gradient", "scalar: a gradient of this tensor of shape []") {
      _ = gradient(at: Tensor<Double>(1)) { x in
        x * gradient(at: x) { $0 * $0 }.scalar
      }
    },
    .init("a number in forward mode", "scalar: a gradient of this tensor of shape [1] is being") {
      let x = Tensor<Double>.ones([1])
      _ = jacobianVectorProduct(at: [x], along: [x]) { [$0[0] * $0[0].scalar] }
    },
    .init("a number in a checkpointed segment", "scalar: a gradient of this tensor of shape [1]") {
      _ = gradient(at: Tensor<Double>.ones([1])) { x in
        checkpointed(x) { $0 * $0.scalar }.sum()
      }
    },
  ]

  // MARK: Whole numbers

  static let wholeNumbers: [FailingCall] = [
    .init("a division by zero", "divide: a whole number divided by zero") {
      _ = Tensor<Int32>([1, 2]) / Tensor<Int32>([1, 0])
    },
    .init("a remainder of zero", "remainder: a whole number divided by zero") {
      _ = Tensor<UInt8>([1, 2]) % 0
    },
    .init("whole numbers that do not broadcast", "add: [2] and [3] do not broadcast") {
      _ = Tensor<Int32>([1, 2]) + Tensor<Int32>([1, 2, 3])
    },
    .init("a sum beyond Int32", "sum: the result does not fit into Int32; convert first") {
      _ = Tensor<Int32>([.max, 1]).sum()
    },
    .init("a product beyond 64 bits", "product: the result does not fit into Int32") {
      _ = Tensor<Int32>(repeating: .max, shape: [3]).product()
    },
    .init("a running sum beyond Int32", "cumulativeSum: the result does not fit into Int32") {
      _ = Tensor<Int32>([.max, 1, -1]).cumulativeSum(axis: 0)
    },
    .init("the largest of none", "max: whole numbers of shape [2, 0] have no elements") {
      _ = Tensor<Int32>.zeros([2, 0]).max(axes: 1)
    },
    .init("NaN as a whole number", "converted: nan is no Int32") {
      _ = Tensor<Float>([.nan]).converted(to: Int32.self)
    },
    .init("a number that does not fit", "converted: 3000000000.0 is no Int32") {
      _ = Tensor<Double>([3e9]).converted(to: Int32.self)
    },
    .init("a negative byte", "converted: -1.0 is no UInt8") {
      _ = Tensor<Int32>([-1]).converted(to: UInt8.self)
    },
    .init("a range that does not fit", "range: 256 is no UInt8") {
      _ = Tensor<UInt8>.range(0..<300, by: 64)
    },
    .init("oneHot", "oneHot: index 3 with 3 classes") { _ = Tensor<Int32>([3]).oneHot(3) },
  ]
}
