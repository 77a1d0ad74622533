import Autograd
import Testing

/// Tensors that have a shape and no memory.
@Suite struct OutlineTests {
  @Test func `filled tensors of any size have their shapes and cost nothing`() {
    var generator = Generator(seed: 1)
    let shape: Shape = [1 << 20, 1 << 21]  // 8 TB of Float
    let tensors = Outline.draw {
      [
        Tensor<Float>.zeros(shape), .ones(shape), Tensor(repeating: 2.5, shape: shape),
        .uniform(shape, in: 3...4, using: &generator), .normal(shape, mean: 5, using: &generator),
      ]
    }
    for tensor in tensors { #expect(tensor.shape == shape && tensor.count == 1 << 41) }
    // One number everywhere, which can be read.
    #expect(tensors.prefix(3).map { $0[7, 1 << 20].scalar } == [0, 1, 2.5])
    #expect((3...4).contains(tensors[3][1, 2].scalar))
    #expect(tensors[4].narrowed(axis: 0, to: 4..<5)[0, 9].scalar == 5)
  }

  @Test func `where weights are awaited, random numbers are zeros without memory`() {
    var generator = Generator(seed: 1)
    let shape: Shape = [1 << 20, 1 << 21]  // 8 TB of Float
    let (random, ones) = Outline.awaitWeights {
      (
        [
          Tensor<Float>.uniform(shape, in: 3...4, using: &generator),
          .normal(shape, mean: 5, using: &generator), .normal([2], using: &generator),
        ], Tensor<Float>.ones([600])
      )
    }
    #expect(random[0][1, 2].scalar == 0 && random[1][1, 2].scalar == 0)
    #expect(random[2].scalars == [0, 0])
    #expect(random[0].shape == shape && ones.untyped.isContiguous && ones.sum().scalar == 600)
    var same = Generator(seed: 1)
    #expect(generator.next() == same.next(), "none was drawn")
  }

  @Test func `nothing else is outlined`() {
    var generator = Generator(seed: 1)
    let inside = Outline.draw { () -> Tensor<Float> in
      Outline.draw {}
      return .normal([2, 3], using: &generator)
    }
    #expect(Set(inside.scalars).count == 6)
    var other = Generator(seed: 1)
    #expect(Set(Tensor<Float>.normal([600], using: &other).scalars).count > 500)
    // What is changed in an outline has memory of its own, as ever.
    var changed = Outline.draw { Tensor<Float>.zeros([600]) }
    changed[3] = 1
    #expect(changed.sum().scalar == 1)
  }
}
