import Autograd
import Testing

/// Parts of a tensor, against lists of positions that loops go through.
@Suite struct SubscriptTests {
  /// What one index chooses, as the test sees it.
  private struct Choice {
    let index: AxisIndex
    /// The positions of the axis; nil for a new axis.
    let positions: [Int]?
    let keepsAxis: Bool
  }

  private static func draw(_ extent: Int, using generator: inout Generator) -> Choice {
    func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }
    let (a, b) = (number(0...extent), number(0...extent))
    let (low, high) = (min(a, b), max(a, b))
    let position = number(0...(extent - 1))
    let count = number(0...(extent + 1))
    let all = Array(0..<extent)
    func range(_ index: AxisIndex, _ positions: some Sequence<Int>) -> Choice {
      Choice(index: index, positions: Array(positions), keepsAxis: true)
    }
    switch number(0...10) {
    case 0: return Choice(index: position.axisIndex, positions: [position], keepsAxis: false)
    case 1:
      return Choice(index: .fromEnd(extent - position), positions: [position], keepsAxis: false)
    case 2: return range((low..<high).axisIndex, low..<high)
    case 3: return range((low...).axisIndex, low..<extent)
    case 4: return range((...position).axisIndex, 0...position)
    case 5: return range(.suffix(count), all.suffix(count))
    case 6: return range(.prefix(count), all.prefix(count))
    case 7: return range(AxisIndex.dropFirst(low).dropLast(1), all.dropFirst(low).dropLast(1))
    case 8:
      return range((low..<high).by(-2), stride(from: high - 1, through: low, by: -2))
    case 9: return range(AxisIndex.all.by(3), stride(from: 0, to: extent, by: 3))
    default: return Choice(index: .newAxis, positions: nil, keepsAxis: true)
    }
  }

  /// Which elements of a tensor of three axes the choices name, and the shape that they have.
  private static func chosen(_ choices: [Choice], of shape: Shape) -> (positions: [Int], Shape) {
    let axes = choices.filter { $0.positions != nil } + []
    let lists = axes.map { $0.positions! } + (axes.count..<3).map { Array(0..<shape[$0]) }
    var positions: [Int] = []
    for i in lists[0] {
      for j in lists[1] {
        for k in lists[2] { positions.append((i * shape[1] + j) * shape[2] + k) }
      }
    }
    var extents = choices.filter(\.keepsAxis).map { $0.positions?.count ?? 1 }
    extents += (axes.count..<3).map { shape[$0] }
    return (positions, Shape(extents))
  }

  @Test func `parts are what loops over their positions say, and so are assignments to them`() {
    var generator = Generator(seed: 1)
    for round in 0..<400 {
      let shape: Shape = [
        .random(in: 1...4, using: &generator), .random(in: 1...4, using: &generator),
        .random(in: 1...5, using: &generator),
      ]
      var x = Tensor<Float>.range(shape.elementCount).reshaped(shape)
      // The same numbers in another order in memory.
      if round % 2 == 1 { x = x.transposed(axes: 0, 2).reshaped(shape).transposed() * 1 }
      if round % 4 == 3 { x = x.transposed() }
      let scalars = x.scalars
      var choices: [Choice] = []
      var axis = 0
      while choices.count < 3, axis < 3 {
        let choice = Self.draw(x.shape[axis], using: &generator)
        choices.append(choice)
        if choice.positions != nil { axis += 1 }
      }
      let indices = choices.map(\.index)
      let (positions, part) = Self.chosen(choices, of: x.shape)
      func get(_ x: Tensor<Float>) -> Tensor<Float> {
        switch indices.count {
        case 1: x[indices[0]]
        case 2: x[indices[0], indices[1], ...]
        default: x[indices[0], indices[1], indices[2]]
        }
      }
      #expect(get(x).shape == part)
      #expect(get(x).scalars == positions.map { scalars[$0] }, "\(x.shape) \(indices)")

      var y = x
      let new = Tensor<Float>.range(part.elementCount).reshaped(part) + 1000
      var expected = scalars
      for (number, position) in positions.enumerated() { expected[position] = 1000 + Float(number) }
      switch indices.count {
      case 1: y[indices[0]] = new
      case 2: y[indices[0], indices[1], ...] = new
      default: y[indices[0], indices[1], indices[2]] = new
      }
      #expect(y.scalars == expected)
      #expect(x.scalars == scalars)
    }
  }

  @Test func `an element within a gradient is a tensor on the tape`() {
    let x = Tensor<Double>.ones([2, 2])
    #expect(gradient(at: x) { $0.sum() * $0[0, 0] } == Tensor([[5, 1], [1, 1]]))
    #expect(gradient(at: x) { $0.sum() * $0[0, 0].detached.scalar } == Tensor([[1, 1], [1, 1]]))
  }

  @Test func `a range is a view, and a view does not change with its tensor`() {
    var x = Tensor<Float>.range(12).reshaped([3, 4])
    let rows = x[1...]
    #expect(rows.untyped.address == x.untyped.address + 16)
    #expect(x[..., (0..<4).by(2)].untyped.owner != nil)
    x[1, 0] = 100
    #expect(rows[0, 0].scalar == 4)
    #expect(x[1, 0].scalar == 100)
  }

  @Test func `assignment in place happens only where nobody else looks`() {
    var x = Tensor<Float>.zeros([4, 8])
    let address = x.untyped.address
    x[0] = Tensor(repeating: 1, shape: [8])
    x[..., 1] += 2
    x[[1, 2], 3] = 4
    #expect(x.untyped.address == address)
    // What is assigned lies in the same memory.
    x = .range(4)
    x[1...] = x[..<3]
    #expect(x.scalars == [0, 0, 1, 2])
  }

  @Test func `positions that tensors name are NumPy's`() {
    let x = Tensor<Int32>.range(24).reshaped([2, 3, 4])
    #expect(x[[1, 0]] == Tensor<Int32>.stacked([x[1], x[0]], axis: 0))
    let indices = Tensor<Int32>([[2, 0], [1, 1]])
    let rows = x[0..., indices]
    #expect(rows.shape == [2, 2, 2, 4])
    for i in 0..<2 {
      for j in 0..<2 {
        for k in 0..<2 {
          #expect(rows[i, j, k] == x[i, Int(indices[j, k].scalar)])
        }
      }
    }
    // Two together name pairs of positions, and broadcast.
    let pairs = x[..., Tensor<Int32>([[0], [2]]), [1, 3]]
    #expect(pairs == Tensor<Int32>.stacked([x[..., 0, [1, 3]], x[..., 2, [1, 3]]], axis: 1))
    #expect(x[[1, 0], [2, 1], [3, 0]].scalars == [23, 4])
    #expect(x[Tensor<Int32>(1), 2...].shape == [1, 4])
    #expect(x[[Int]()].shape == [0, 3, 4])
    // A position that stands between them leaves them neighbours.
    #expect(x[[1, 0], 2, [3, 0]].scalars == [23, 8])
  }

  @Test func `a mask chooses the elements where it is true`() {
    let x = Tensor<Int32>.range(24).reshaped([2, 3, 4])
    #expect(x[x .> 20].scalars == [21, 22, 23])
    #expect(x[Tensor([false, true])] == x[1...])
    let mask = Tensor([[true, false, false], [false, true, true]])
    #expect(x[mask] == Tensor<Int32>.stacked([x[0, 0], x[1, 1], x[1, 2]], axis: 0))
    #expect(x[..., Tensor([true, false, false, true])] == x[..., [0, 3]])
    #expect(x[0, mask[1], 1].scalars == [5, 9])
    #expect(x[x .< 0].shape == [0])
  }

  @Test func `assignment to chosen positions takes the last of several`() {
    var x = Tensor<Float>.zeros([3, 2])
    x[[2, 0, 2]] = Tensor([[1, 2], [3, 4], [5, 6]])
    #expect(x == Tensor([[3, 4], [0, 0], [5, 6]]))
    x[x .== 0] = 9
    #expect(x[1].scalars == [9, 9])
    x[Tensor([true, false, true])] = Tensor([7, 8])
    #expect(x == Tensor([[7, 8], [9, 9], [7, 8]]))
    x[x .> 8] = Tensor([1, 2])
    #expect(x[1].scalars == [1, 2])
    var mask = Tensor(repeating: false, shape: [2, 2])
    mask[.last] = true
    mask[0, mask[1]] = Tensor([false, true])
    #expect(mask == Tensor([[false, true], [true, true]]))
    var bytes = Tensor<UInt8>.range(4)
    bytes[1..<3] = 200
    #expect(bytes.scalars == [0, 200, 200, 3])
    var whole = Tensor<Int32>.zeros([2, 2])
    whole[..., 1] += 3
    whole[whole .== 3] = -1
    #expect(whole == Tensor([[0, -1], [0, -1]]))
  }

  @Test func `an assignment within a gradient is differentiated`() {
    let x = Tensor<Double>([1, 2, 3])
    let gradient = gradient(at: x) { x in
      var y = x * 10
      let before = y
      y[1] = x[0] * x[2]
      return (y * y).sum() + before.sum()
    }
    // (10 a)² + (a c)² + (10 c)² + 10 (a + b + c)
    #expect(gradient.scalars == [228, 10, 616])
    // What has been saved before is not overwritten, and a constant takes a recorded part.
    let filled = Autograd.gradient(at: x) { x in
      var table = Tensor<Double>.zeros([2, 3])
      for row in 0..<2 { table[row] = x * Double(row + 1) }
      table[0, 0] = 5
      return (table * table).sum()
    }
    #expect(filled.scalars == [8, 20, 30])
    // An assignment outside of the gradient is a constant to it.
    let detached = Autograd.gradient(at: x) { x in
      var y = x
      withoutGradient { y[0] = 7 }
      return (y * x).sum()
    }
    #expect(detached.scalars == [7, 2, 3])
  }

  @Test func `steps of a sequence add to one gradient`() {
    let x = Tensor<Double>.range(20).reshaped([4, 5])
    let gradient = gradient(at: x) { x in
      (0..<5).reduce(Tensor<Double>(0)) { $0 + (x[0..., $1] * Double($1)).sum() }
    }
    for t in 0..<5 { #expect(gradient[..., t] == Tensor(repeating: Double(t), shape: [4])) }
  }
}
