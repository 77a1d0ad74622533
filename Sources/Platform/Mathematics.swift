// Functions of plain numbers: the C library's own, handed on, under the names that tensors' have. Own
// ones would stand beside those that Foundation hands on, and each is one more to look through for
// every expression that calls one. (`round` is not among them: of tensors it rounds halves to even,
// in C away from 0; a number has `rounded()`.)

#if canImport(Glibc)
  import Glibc
  @_exported import func Glibc.exp
  @_exported import func Glibc.expm1
  @_exported import func Glibc.log
  @_exported import func Glibc.log1p
  @_exported import func Glibc.sqrt
  @_exported import func Glibc.sin
  @_exported import func Glibc.cos
  @_exported import func Glibc.tanh
  @_exported import func Glibc.erf
  @_exported import func Glibc.pow
  @_exported import func Glibc.floor
  @_exported import func Glibc.ceil
#elseif canImport(Musl)
  import Musl
  @_exported import func Musl.exp
  @_exported import func Musl.expm1
  @_exported import func Musl.log
  @_exported import func Musl.log1p
  @_exported import func Musl.sqrt
  @_exported import func Musl.sin
  @_exported import func Musl.cos
  @_exported import func Musl.tanh
  @_exported import func Musl.erf
  @_exported import func Musl.pow
  @_exported import func Musl.floor
  @_exported import func Musl.ceil
#elseif canImport(Darwin)
  import Darwin
  @_exported import func Darwin.exp
  @_exported import func Darwin.expm1
  @_exported import func Darwin.log
  @_exported import func Darwin.log1p
  @_exported import func Darwin.sqrt
  @_exported import func Darwin.sin
  @_exported import func Darwin.cos
  @_exported import func Darwin.tanh
  @_exported import func Darwin.erf
  @_exported import func Darwin.pow
  @_exported import func Darwin.floor
  @_exported import func Darwin.ceil
#endif

extension Double {
  /// The exponent of the largest power of ten that is no larger than this positive number.
  package var decimalExponent: Double { log10(self).rounded(.down) }
}
