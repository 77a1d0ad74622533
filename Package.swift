// swift-tools-version: 6.2
import PackageDescription

/// Flags of the targets whose loops must be fast in a researcher's debug build too.
let optimized = ["-O", "-enforce-exclusivity=unchecked"]

/// The settings of a kernel target that is compiled for one x86-64 instruction set.
func instructionSet(_ flags: [String]) -> [SwiftSetting] {
  #if arch(x86_64)
    [.unsafeFlags(flags.flatMap { ["-Xcc", $0] } + optimized)]
  #else
    []
  #endif
}

let kernels: [Target.Dependency] = [
  "Kernels", "KernelsBaseline", "KernelsAVX2", "KernelsAVX512",
]

let package = Package(
  name: "tapestry",
  products: [
    .library(name: "Autograd", targets: ["Autograd"])
  ],
  targets: [
    .target(
      name: "Kernels", path: "Sources/Kernels/Kernels",
      swiftSettings: [.unsafeFlags(optimized)]),
    // A target of its own as well: files of one module don't specialise each other's generic
    // functions in a debug build.
    .target(
      name: "KernelsBaseline", dependencies: ["Kernels"], path: "Sources/Kernels/KernelsBaseline",
      swiftSettings: [.unsafeFlags(optimized)]),
    .target(
      name: "KernelsAVX2", dependencies: ["Kernels"], path: "Sources/Kernels/KernelsAVX2",
      swiftSettings: instructionSet(["-march=x86-64-v3"])),
    .target(
      name: "KernelsAVX512", dependencies: ["Kernels"], path: "Sources/Kernels/KernelsAVX512",
      swiftSettings: instructionSet(["-march=x86-64-v4", "-mprefer-vector-width=512"])),
    .target(name: "Autograd", dependencies: kernels, swiftSettings: [.unsafeFlags(optimized)]),
    .testTarget(
      name: "KernelsTests", dependencies: kernels, swiftSettings: [.unsafeFlags(optimized)]),
  ],
  swiftLanguageModes: [.v6]
)
