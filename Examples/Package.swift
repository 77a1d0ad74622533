// swift-tools-version: 6.2
import PackageDescription

/// One program for each model of the zoo, and one for files of others: what a package writes that
/// imports it.
let examples: [(name: String, products: [String])] = [
  ("Pronounce", ["Seq2Seq", "Training", "Pretrained", "Tasks"]),
  ("OwnScore", ["Seq2Seq", "Layers", "Training"]),
  ("Translate", ["Transformer", "Layers", "Training"]),
  ("Summarize", ["Summarizer", "Layers", "Training"]),
  ("Speakers", ["AttentionRNN", "Layers", "Training", "Pretrained", "Datasets"]),
  ("Sunspots", ["Forecaster", "Training", "Pretrained", "Datasets"]),
  ("Caption", ["ShowAttendTell", "Layers", "Training", "Pretrained", "Datasets", "Tasks"]),
  ("Recognize", ["Speech", "Layers", "Training"]),
  ("Requests", ["SequenceTagger", "Training", "Pretrained", "Tasks"]),
  // The programs of the articles in Documentation/Tapestry.docc.
  ("FirstModel", ["Datasets", "Layers", "Training"]),
  ("NewLayer", ["Interchange", "Layers", "Training"]),
  ("NewCell", ["Layers", "Training"]),
  ("ReadingAttention", ["AttentionRNN", "Pretrained", "Seq2Seq", "Tasks", "Training"]),
  ("FromPyTorch", ["Interchange"]),
  ("OwnData", ["DataFiles", "Interchange"]),
  ("OwnTrainingLoop", ["Layers", "TensorBoard", "Training"]),
  ("SeveralRanks", ["Distributed", "Layers", "Training"]),
  (
    "Everything",
    [
      "Layers", "Training", "DataFiles", "Interchange", "ONNX", "TensorBoard", "CInterface",
      "Distributed", "ArticleExamples", "SimpleRNN", "AttentionRNN", "Seq2Seq", "Sequences",
      "Transformer",
      "Summarizer", "Forecaster", "SequenceTagger", "ShowAttendTell", "Speech", "Pronunciation",
      "SentenceEncoder", "SentenceEmbedding", "ZooONNX", "Tasks", "Datasets", "Pretrained",
    ]
  ),
  ("TakingAModelOut", ["AttentionRNN", "Interchange", "ONNX", "Pretrained", "ZooONNX"]),
]

let package = Package(
  name: "Examples",
  products: [.library(name: "elman", type: .dynamic, targets: ["OwnLibrary"])],
  dependencies: [.package(name: "tapestry", path: "..")],
  targets: examples.map { name, products in
    .executableTarget(
      name: name,
      dependencies: (["Autograd"] + products).map { .product(name: $0, package: "tapestry") },
      path: "Sources/\(name)")
  } + [
    .target(
      name: "OwnLibrary", dependencies: [.product(name: "CInterface", package: "tapestry")],
      exclude: ["exports.map", "elman.py"],
      // One file with Swift's runtime in it, which shows C functions alone. Without these settings it
      // works beside the toolchain's libraries.
      linkerSettings: [
        .unsafeFlags(
          [
            "-static-stdlib", "-l_FoundationCollections", "-l_FoundationCShims", "-use-ld=lld",
            "-Xlinker",
            "--version-script=\(Context.packageDirectory)/Sources/OwnLibrary/exports.map",
          ], .when(platforms: [.linux]))
      ])
  ],
  swiftLanguageModes: [.v6]
)
