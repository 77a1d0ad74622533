import Autograd
import Testing

/// A tensor is a value, whatever memory it shares. Stated in Documentation/Semantics.md.
@Suite struct AliasingTests {
  @Test func `changing a tensor changes neither its views nor its copies`() {
    var x = Tensor<Double>([[1, 2], [3, 4]])
    let views = [
      x, x.transposed(), x.narrowed(0, 0..<1), x.reshaped([4]), x.selected(1, at: 0),
      x.expanded(to: [2, 2, 2]), x.detached, x.unstacked(0)[1],
    ]
    let before = views.map(\.scalars)
    x[0, 0] = 9
    x.withUnsafeMutableScalars { $0[3] = 8 }
    #expect(x.scalars == [9, 2, 3, 8])
    #expect(views.map(\.scalars) == before)
  }

  @Test func `changing a view leaves what it is a view of`() {
    let x = Tensor<Double>([[1, 2], [3, 4]])
    var row = x.selected(0, at: 1)
    row[0] = 9
    var turned = x.transposed()
    turned[0, 1] = 7
    var stretched = Tensor<Double>([5]).expanded(to: [3])
    stretched[1] = 6
    #expect(x.scalars == [1, 2, 3, 4])
    #expect(row.scalars == [9, 4] && turned.scalars == [1, 7, 2, 4])
    #expect(stretched.scalars == [5, 6, 5])
  }

  @Test func `what a tape has saved cannot be overwritten`() {
    let slope = gradient(at: Tensor<Double>([3])) { x in
      var copy = x
      let y = square(copy)
      copy[0] = 100
      return (y + copy).sum()
    }
    // Setting an element makes the changed tensor a constant.
    #expect(slope.scalars == [6])
  }

  @Test func `shapes count without overflow`() {
    #expect(Shape([2_000_000_000, 2_000_000_000, 2_000_000_000, 0]).elementCount == 0)
    #expect(Tensor<Float>.zeros([0, 2_147_483_647]).count == 0)
    #expect(Shape([2_147_483_647, 2_147_483_647]).elementCount == 4_611_686_014_132_420_609)
  }
}
