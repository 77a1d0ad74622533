// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// Stands for the module `Platform`, which Embedded Swift cannot compile: what kernels call of it.

@_silgen_name("sin") public func sin(_ x: Double) -> Double
@_silgen_name("cos") public func cos(_ x: Double) -> Double
@_silgen_name("pow") public func pow(_ a: Double, _ b: Double) -> Double
