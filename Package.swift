// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "tapestry",
  products: [
    .library(name: "Pronunciation", targets: ["Pronunciation"]),
    .executable(name: "zoo", targets: ["zoo"]),
  ],
  targets: [
    .target(
      name: "Pronunciation", path: "Sources/Zoo/Pronunciation",
      resources: [.copy("Resources/CMUdict")],
      swiftSettings: [.unsafeFlags(["-O"])]),
    .executableTarget(name: "zoo", dependencies: ["Pronunciation"], path: "Sources/Zoo/zoo"),
    .testTarget(name: "PronunciationTests", dependencies: ["Pronunciation"]),
    .testTarget(name: "ZooTests", dependencies: ["zoo"]),
  ],
  swiftLanguageModes: [.v6]
)
