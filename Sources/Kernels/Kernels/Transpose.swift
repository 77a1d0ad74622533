/// Four rows of four numbers, to turn rows into columns in registers.
@usableFromInline
struct Square4<Scalar: KernelScalar> {
  @usableFromInline typealias Vector = SIMD4<Scalar>
  @usableFromInline var rows: (Vector, Vector, Vector, Vector)

  /// Row `r` begins at `address[r * stride]`.
  @inlinable @inline(__always)
  init(_ address: UnsafePointer<Scalar>, _ stride: Int) {
    let raw = UnsafeRawPointer(address)
    let step = stride &* MemoryLayout<Scalar>.stride
    rows.0 = raw.loadUnaligned(as: Vector.self)
    rows.1 = raw.loadUnaligned(fromByteOffset: step, as: Vector.self)
    rows.2 = raw.loadUnaligned(fromByteOffset: 2 &* step, as: Vector.self)
    rows.3 = raw.loadUnaligned(fromByteOffset: 3 &* step, as: Vector.self)
  }

  /// Writes column `r` to `address[r * stride]`.
  @inlinable @inline(__always)
  func storeColumns(_ address: UnsafeMutablePointer<Scalar>, _ stride: Int) {
    let a = Self.lows(rows.0, rows.1)
    let b = Self.lows(rows.2, rows.3)
    let c = Self.highs(rows.0, rows.1)
    let d = Self.highs(rows.2, rows.3)
    let raw = UnsafeMutableRawPointer(address)
    let step = stride &* MemoryLayout<Scalar>.stride
    raw.storeBytes(of: Self.firsts(a, b), as: Vector.self)
    raw.storeBytes(of: Self.seconds(a, b), toByteOffset: step, as: Vector.self)
    raw.storeBytes(of: Self.firsts(c, d), toByteOffset: 2 &* step, as: Vector.self)
    raw.storeBytes(of: Self.seconds(c, d), toByteOffset: 3 &* step, as: Vector.self)
  }

  @inlinable @inline(__always)
  static func lows(_ a: Vector, _ b: Vector) -> Vector { Vector(a[0], b[0], a[1], b[1]) }
  @inlinable @inline(__always)
  static func highs(_ a: Vector, _ b: Vector) -> Vector { Vector(a[2], b[2], a[3], b[3]) }
  @inlinable @inline(__always)
  static func firsts(_ a: Vector, _ b: Vector) -> Vector { Vector(a[0], a[1], b[0], b[1]) }
  @inlinable @inline(__always)
  static func seconds(_ a: Vector, _ b: Vector) -> Vector { Vector(a[2], a[3], b[2], b[3]) }
}
