import Autograd
let clock = ContinuousClock()
let a = Tensor<Float>([1.0, 0.5, 0.2, 0.1])
for _ in 0..<5 {
let t = clock.measure { for _ in 0..<100 {
  _ = valueWithGradient(at: a) { a in var z = a; for _ in 0..<1000 { z = z * a + a }; return z.sum() }
} }
print(t / 200_000)
}
let n = 1_000_000
let t = clock.measure { let g = valueWithGradient(at: a) { a in var z = a; for _ in 0..<n { z = -z }; return z.sum() }; print(g.gradient) }
print(t)
