// The functions that tensors have, of plain numbers: the C library's own, handed on, so that a file
// which imports this module alone has them. Own ones would stand beside those that Foundation hands
// on, and each is one more to look through for every expression that calls one. (`round` is not
// among them: of tensors it rounds halves to even, in C away from 0; a number has `rounded()`.)

#if canImport(Glibc)
  @_exported public import func Glibc.exp
  @_exported public import func Glibc.expm1
  @_exported public import func Glibc.log
  @_exported public import func Glibc.log1p
  @_exported public import func Glibc.sqrt
  @_exported public import func Glibc.sin
  @_exported public import func Glibc.cos
  @_exported public import func Glibc.tanh
  @_exported public import func Glibc.erf
  @_exported public import func Glibc.pow
  @_exported public import func Glibc.floor
  @_exported public import func Glibc.ceil
#elseif canImport(Musl)
  @_exported public import func Musl.exp
  @_exported public import func Musl.expm1
  @_exported public import func Musl.log
  @_exported public import func Musl.log1p
  @_exported public import func Musl.sqrt
  @_exported public import func Musl.sin
  @_exported public import func Musl.cos
  @_exported public import func Musl.tanh
  @_exported public import func Musl.erf
  @_exported public import func Musl.pow
  @_exported public import func Musl.floor
  @_exported public import func Musl.ceil
#elseif canImport(Darwin)
  @_exported public import func Darwin.exp
  @_exported public import func Darwin.expm1
  @_exported public import func Darwin.log
  @_exported public import func Darwin.log1p
  @_exported public import func Darwin.sqrt
  @_exported public import func Darwin.sin
  @_exported public import func Darwin.cos
  @_exported public import func Darwin.tanh
  @_exported public import func Darwin.erf
  @_exported public import func Darwin.pow
  @_exported public import func Darwin.floor
  @_exported public import func Darwin.ceil
#endif
