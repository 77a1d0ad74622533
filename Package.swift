// swift-tools-version: 6.2
import PackageDescription

/// Flags of the targets whose loops must be fast in a researcher's debug build too. Without the
/// last two a square root is a call of the C library for each lane, for the sake of `errno`.
let optimized = ["-O", "-enforce-exclusivity=unchecked", "-Xcc", "-fno-math-errno"]

/// The settings of a kernel target that is compiled for one x86-64 instruction set.
///
/// A manifest is not told what it builds for: `#if arch` in it asks for the machine that builds, and
/// `.when` knows platforms alone. The compiler's driver is: what follows `-Xarch_x86_64` is meant for
/// that architecture, and for others an argument that is not used.
func instructionSet(_ flags: [String]) -> [SwiftSetting] {
  let flags = ["-Qunused-arguments"] + flags.flatMap { ["-Xarch_x86_64", $0] }
  return [.unsafeFlags(flags.flatMap { ["-Xcc", $0] } + optimized)]
}

/// The settings of the floors above. Bodies of functions stay out of a module's interface, unless
/// they are `@inlinable`: after a change in one, the modules above need not be compiled again.
let fast: [SwiftSetting] = [
  .unsafeFlags(optimized + ["-disable-cmo"]), .enableUpcomingFeature("InternalImportsByDefault"),
]
/// The same, for what runs once and has no loops over numbers: a debug build need not optimize it.
let unhurried: [SwiftSetting] = [
  .unsafeFlags(["-disable-cmo"]), .enableUpcomingFeature("InternalImportsByDefault"),
]
let kernels: [Target.Dependency] = [
  "Kernels", "KernelsBaseline", "KernelsAVX2", "KernelsAVX512", "KernelsNEON",
]

let package = Package(
  name: "tapestry",
  products: [
    .library(name: "Autograd", targets: ["Autograd"]),
    .library(name: "Layers", targets: ["Layers"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "DataFiles", targets: ["DataFiles"]),
    .library(name: "Interchange", targets: ["Interchange"]),
    .library(name: "ONNX", targets: ["ONNX"]),
    .library(name: "TensorBoard", targets: ["TensorBoard"]),
    .library(name: "CInterface", targets: ["CInterface"]),
    .library(name: "Distributed", targets: ["Distributed"]),
    .library(name: "ArticleExamples", targets: ["ArticleExamples"]),
    .library(name: "SimpleRNN", targets: ["SimpleRNN"]),
    .library(name: "AttentionRNN", targets: ["AttentionRNN"]),
    .library(name: "Seq2Seq", targets: ["Seq2Seq"]),
    .library(name: "Sequences", targets: ["Sequences"]),
    .library(name: "Transformer", targets: ["Transformer"]),
    .library(name: "Summarizer", targets: ["Summarizer"]),
    .library(name: "Forecaster", targets: ["Forecaster"]),
    .library(name: "SequenceTagger", targets: ["SequenceTagger"]),
    .library(name: "ShowAttendTell", targets: ["ShowAttendTell"]),
    .library(name: "Speech", targets: ["Speech"]),
    .library(name: "Pronunciation", targets: ["Pronunciation"]),
    .library(name: "SentenceEncoder", targets: ["SentenceEncoder"]),
    .library(name: "SentenceEmbedding", targets: ["SentenceEmbedding"]),
    .library(name: "ZooONNX", targets: ["ZooONNX"]),
    .library(name: "tapestry", type: .dynamic, targets: ["ZooLibrary"]),
    .library(name: "Tasks", targets: ["Tasks"]),
    .library(name: "Datasets", targets: ["Datasets"]),
    .library(name: "Pretrained", targets: ["Pretrained"]),
    .executable(name: "zoo", targets: ["zoo"]),
    .executable(name: "bench", targets: ["bench"]),
    .executable(name: "allocations", targets: ["allocations"]),
    .executable(name: "conformance", targets: ["conformance"]),
    .executable(name: "onnx-cases", targets: ["onnx-cases"]),
    .executable(name: "python-cases", targets: ["python-cases"]),
  ],
  targets: [
    .target(
      name: "Platform", exclude: ["README.md"], swiftSettings: [.unsafeFlags(optimized)]),
    // The compiler's `Builtin` module has a prefetch.
    .target(
      name: "Kernels", dependencies: ["Platform"], path: "Sources/Kernels/Kernels",
      swiftSettings: [.unsafeFlags(optimized), .enableExperimentalFeature("BuiltinModule")]),
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
    // Every arm64 processor has it: there is nothing to ask for.
    .target(
      name: "KernelsNEON", dependencies: ["Kernels"], path: "Sources/Kernels/KernelsNEON",
      swiftSettings: [.unsafeFlags(optimized)]),
    .target(
      name: "Autograd", dependencies: kernels + ["Platform"], exclude: ["README.md"],
      swiftSettings: fast),
    .target(
      name: "Layers", dependencies: ["Autograd"], exclude: ["README.md"], swiftSettings: fast),
    .target(
      name: "Training", dependencies: ["Autograd", "Kernels", "Layers", "Platform"],
      exclude: ["README.md"], swiftSettings: fast),
    .target(
      name: "Deflate", path: "Sources/Interchange/Deflate",
      swiftSettings: [.unsafeFlags(optimized)]),
    .target(
      name: "DataFiles", dependencies: ["Deflate", "Platform"],
      path: "Sources/Interchange/DataFiles", swiftSettings: fast),
    .target(
      name: "Interchange",
      dependencies: ["Autograd", "DataFiles", "Deflate", "Layers", "Training"],
      path: "Sources/Interchange/Interchange", swiftSettings: fast),
    .target(
      name: "ONNX", dependencies: ["Autograd", "Interchange", "Layers", "Training"],
      path: "Sources/Interchange/ONNX", swiftSettings: unhurried),
    .target(
      name: "TensorBoard",
      dependencies: [
        "Autograd", "DataFiles", "Deflate", "Interchange", "Layers", "Platform", "Training",
      ],
      path: "Sources/Interchange/TensorBoard", swiftSettings: unhurried),
    .target(
      name: "CInterface",
      dependencies: ["Autograd", "Interchange", "Layers", "Platform", "Training"],
      path: "Sources/Interchange/CInterface", swiftSettings: fast),
    .target(
      name: "Distributed", dependencies: ["Autograd", "Kernels", "Platform", "Training"],
      exclude: ["README.md"], swiftSettings: fast),
    .target(
      name: "Tasks", dependencies: ["DataFiles", "Platform"], path: "Sources/Zoo/Tasks",
      exclude: ["README.md"],
      swiftSettings: [.unsafeFlags(optimized)]),
    .target(
      name: "Pronunciation", dependencies: ["Platform", "Tasks"], path: "Sources/Zoo/Pronunciation",
      resources: [.copy("Resources/CMUdict")],
      swiftSettings: [.unsafeFlags(optimized)]),
    .target(
      name: "Datasets", dependencies: ["DataFiles", "Deflate", "Tasks"],
      path: "Sources/Zoo/Datasets",
      exclude: ["render_speech.py"],
      resources: [
        .copy("Resources/JapaneseVowels"), .copy("Resources/Sunspots"), .copy("Resources/Emoji"),
      ],
      swiftSettings: fast),
    .target(
      name: "Pretrained", dependencies: ["Platform", "Tasks"], path: "Sources/Zoo/Pretrained",
      exclude: ["half_precision.py"],
      resources: [.copy("Resources/Weights")], swiftSettings: fast),
    .target(
      name: "ArticleExamples", dependencies: ["Autograd", "Layers"],
      path: "Sources/Zoo/ArticleExamples", swiftSettings: fast),
    .target(
      name: "SimpleRNN", dependencies: ["Autograd", "Layers"], path: "Sources/Zoo/SimpleRNN",
      swiftSettings: fast),
    .target(
      name: "AttentionRNN", dependencies: ["Autograd", "Layers"],
      path: "Sources/Zoo/AttentionRNN", swiftSettings: fast),
    .target(
      name: "Sequences", dependencies: ["Autograd", "Layers"], path: "Sources/Zoo/Sequences",
      swiftSettings: fast),
    .target(
      name: "Seq2Seq", dependencies: ["Autograd", "Layers", "Sequences"],
      path: "Sources/Zoo/Seq2Seq", swiftSettings: fast),
    .target(
      name: "Transformer", dependencies: ["Autograd", "Layers", "Sequences"],
      path: "Sources/Zoo/Transformer", swiftSettings: fast),
    .target(
      name: "Summarizer", dependencies: ["Autograd", "Layers", "Seq2Seq"],
      path: "Sources/Zoo/Summarizer", swiftSettings: fast),
    .target(
      name: "Forecaster", dependencies: ["Autograd", "Layers"], path: "Sources/Zoo/Forecaster",
      swiftSettings: fast),
    .target(
      name: "SequenceTagger", dependencies: ["Autograd", "Layers"],
      path: "Sources/Zoo/SequenceTagger", swiftSettings: fast),
    .target(
      name: "ShowAttendTell", dependencies: ["Autograd", "Layers", "Sequences"],
      path: "Sources/Zoo/ShowAttendTell", swiftSettings: fast),
    .target(
      name: "Speech", dependencies: ["Autograd", "Layers", "Sequences"],
      path: "Sources/Zoo/Speech", swiftSettings: fast),
    .target(
      name: "SentenceEncoder", dependencies: ["Autograd", "Layers"],
      path: "Sources/Zoo/SentenceEncoder", swiftSettings: fast),
    // The encoder with its tokenizer, and the folder that both are in.
    .target(
      name: "SentenceEmbedding",
      dependencies: ["Autograd", "Interchange", "Layers", "SentenceEncoder", "Tasks", "Training"],
      path: "Sources/Zoo/SentenceEmbedding", swiftSettings: unhurried),
    // The models do not know of it: who trains one has no exporter to compile.
    .target(
      name: "ZooONNX",
      dependencies: [
        "Autograd", "Interchange", "Layers", "ONNX", "SentenceEncoder", "SimpleRNN", "AttentionRNN",
        "Sequences", "Seq2Seq", "Transformer", "Summarizer", "Forecaster", "SequenceTagger",
        "ShowAttendTell", "Speech",
      ], path: "Sources/Zoo/ZooONNX", swiftSettings: unhurried),
    // Neither of what other languages ask them for.
    .target(
      name: "ZooCInterface",
      dependencies: [
        "Autograd", "CInterface", "Layers", "SentenceEncoder", "SimpleRNN", "AttentionRNN",
        "Sequences", "Seq2Seq",
        "Transformer", "Summarizer", "Forecaster", "SequenceTagger", "ShowAttendTell", "Speech",
      ], path: "Sources/Zoo/ZooCInterface", swiftSettings: fast),
    // A target of its own, as its settings are those of whatever it is linked into: one file that
    // needs the C library alone, and shows nothing but its C functions.
    .target(
      name: "ZooLibrary", dependencies: ["ZooCInterface"], path: "Sources/Zoo/ZooLibrary",
      exclude: ["exports.map"], swiftSettings: fast,
      linkerSettings: [
        .unsafeFlags(
          [
            "-static-stdlib", "-l_FoundationCollections", "-l_FoundationCShims", "-use-ld=lld",
            "-Xlinker", "--no-undefined", "-Xlinker", "--strip-all", "-Xlinker", "-z", "-Xlinker",
            "nodelete", "-Xlinker",
            "--version-script=\(Context.packageDirectory)/Sources/Zoo/ZooLibrary/exports.map",
          ], .when(platforms: [.linux]))
      ]),
    .executableTarget(
      name: "zoo",
      dependencies: [
        "Autograd", "Distributed", "Interchange", "Layers", "ONNX", "Platform", "TensorBoard",
        "Training", "Tasks", "Datasets", "Pretrained", "Pronunciation", "SentenceEmbedding",
        "SimpleRNN", "AttentionRNN",
        "Sequences", "Seq2Seq", "Transformer",
        "Summarizer", "Forecaster", "SequenceTagger", "ShowAttendTell", "Speech", "ZooONNX",
      ], path: "Sources/Zoo/zoo"),
    .executableTarget(
      name: "onnx-cases",
      dependencies: [
        "Autograd", "Interchange", "Layers", "ONNX", "Platform", "Pretrained", "Training",
        "SentenceEncoder", "SimpleRNN", "AttentionRNN", "Sequences", "Seq2Seq", "Transformer",
        "Summarizer", "Forecaster", "SequenceTagger", "ShowAttendTell", "Speech", "ZooONNX",
      ], path: "Tests/onnx/cases", swiftSettings: [.unsafeFlags(["-Onone"])]),
    // Not of `ZooCInterface`: what it writes is what the models' own functions make.
    .executableTarget(
      name: "python-cases",
      dependencies: [
        "Autograd", "Interchange", "Layers", "Platform", "Training", "SimpleRNN", "AttentionRNN",
        "Seq2Seq", "Transformer", "Summarizer", "Forecaster", "SequenceTagger", "ShowAttendTell",
        "Speech",
      ], path: "Tests/python/cases", swiftSettings: [.unsafeFlags(["-Onone"])]),
    .executableTarget(
      name: "conformance",
      dependencies: [
        "Platform", "Training", "ArticleExamples", "SimpleRNN", "AttentionRNN", "Seq2Seq",
      ],
      path: "Sources/Conformance"),
    .target(
      name: "Workloads",
      dependencies: [
        "Autograd", "Kernels", "Layers", "Platform", "Training", "SentenceEncoder", "SimpleRNN",
        "AttentionRNN", "ShowAttendTell",
      ], path: "Benchmarks/Workloads"),
    .executableTarget(
      name: "bench", dependencies: ["Autograd", "Kernels", "Layers", "Training", "Workloads"],
      path: "Benchmarks/bench"),
    .executableTarget(
      name: "allocations", dependencies: ["Autograd", "Training", "Workloads"],
      path: "Benchmarks/allocations",
      linkerSettings: [
        // Every call of malloc goes through the function that counts them.
        .unsafeFlags(
          ["-Xlinker", "--defsym=malloc=tapestry_counted_malloc"], .when(platforms: [.linux]))
      ]),
    .executableTarget(
      name: "ranks", dependencies: ["Autograd", "Distributed", "Layers", "Platform", "Training"],
      path: "Benchmarks/ranks", exclude: ["compare.py", "model.py"]),
    .executableTarget(
      name: "tables", dependencies: ["DataFiles", "Platform"], path: "Benchmarks/tables",
      exclude: ["compare.py"]),
    .executableTarget(
      name: "data-cases", dependencies: ["Interchange", "Platform"], path: "Tests/datafiles/cases",
      swiftSettings: [.unsafeFlags(["-Onone"])]),
    // All readers, fed by libFuzzer or by a loop of its own: Tests/fuzz.sh builds and runs it.
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "Autograd", "CInterface", "DataFiles", "Datasets", "Deflate", "Interchange", "Layers",
        "Pronunciation", "SentenceEmbedding", "SentenceEncoder", "SimpleRNN", "Tasks",
        "TensorBoard", "Training",
      ], path: "Tests/fuzz/program",
      swiftSettings: Context.environment["TAPESTRY_FUZZER"] == nil
        ? [] : [.define("FUZZER"), .enableExperimentalFeature("Extern")]),
    // What several ranks do together: Tests/mpi.sh starts it with MPI's launchers.
    .executableTarget(
      name: "mpi-ranks",
      dependencies: ["Autograd", "Distributed", "Layers", "Platform", "Training"],
      path: "Tests/mpi/ranks", swiftSettings: [.unsafeFlags(["-Onone"])]),
    .executableTarget(
      name: "loading", dependencies: ["Autograd", "Interchange", "Layers", "Platform", "Training"],
      path: "Benchmarks/loading"),
    .testTarget(name: "KernelsTests", dependencies: kernels + ["Platform"]),
    .testTarget(name: "AutogradTests", dependencies: ["Autograd"]),
    .testTarget(name: "LayersTests", dependencies: ["Layers", "Training", "Kernels"]),
    .testTarget(name: "TrainingTests", dependencies: ["Training"]),
    .testTarget(name: "DistributedTests", dependencies: ["Distributed"]),
    .testTarget(name: "DeflateTests", dependencies: ["Deflate"]),
    .testTarget(
      name: "DataFilesTests", dependencies: ["DataFiles"],
      exclude: ["Fixtures", "make_fixtures.py"]),
    .testTarget(
      name: "InterchangeTests", dependencies: ["Interchange"],
      exclude: ["Fixtures", "make_fixtures.py", "make_layer_fixtures.py"]),
    .testTarget(
      name: "ONNXTests",
      dependencies: [
        "ONNX", "SentenceEncoder", "SimpleRNN", "AttentionRNN", "Seq2Seq", "Transformer",
        "Summarizer", "Forecaster", "SequenceTagger", "ShowAttendTell", "Speech", "Training",
        "ZooONNX",
      ]),
    .testTarget(name: "TensorBoardTests", dependencies: ["TensorBoard"], exclude: ["Fixtures"]),
    .testTarget(
      name: "CInterfaceTests",
      dependencies: [
        "AttentionRNN", "CInterface", "Forecaster", "ONNX", "SentenceEncoder", "SequenceTagger",
        "SimpleRNN", "Speech",
        "Transformer", "ZooCInterface", "ZooONNX",
      ]),
    .testTarget(
      name: "TasksTests", dependencies: ["Deflate", "Tasks"], exclude: ["Fixtures"]),
    .testTarget(name: "DatasetsTests", dependencies: ["Datasets"]),
    .testTarget(name: "PronunciationTests", dependencies: ["Pronunciation"]),
    .testTarget(name: "ConformanceTests", dependencies: ["conformance"]),
    .testTarget(name: "ArticleExamplesTests", dependencies: ["ArticleExamples"]),
    .testTarget(
      name: "ZooTests",
      dependencies: [
        "zoo", "Interchange", "Pretrained", "Datasets", "Pronunciation", "SentenceEmbedding",
      ]),
    .testTarget(
      name: "PublishedModelsTests",
      dependencies: ["Interchange", "Pronunciation", "SentenceEmbedding"], exclude: ["Fixtures"]),
    .testTarget(
      name: "ZooModelsTests",
      dependencies: [
        "SimpleRNN", "AttentionRNN", "Sequences", "Seq2Seq", "Transformer", "Summarizer",
        "Forecaster", "SequenceTagger", "SentenceEmbedding", "ShowAttendTell", "Speech", "Training",
      ], exclude: ["Fixtures"]),
  ],
  swiftLanguageModes: [.v6]
)
