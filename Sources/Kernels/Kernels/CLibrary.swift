private import Glibc

/// The C library's sine, exact reduction for every argument.
@usableFromInline func sine(_ x: Double) -> Double { Glibc.sin(x) }

/// The C library's cosine, exact reduction for every argument.
@usableFromInline func cosine(_ x: Double) -> Double { Glibc.cos(x) }

/// The C library's power.
@usableFromInline func powerOfDoubles(_ a: Double, _ b: Double) -> Double { Glibc.pow(a, b) }
