import Foundation
import Testing

/// A user's file is type-checked quickly, with this module alone and with Foundation beside it.
@Suite struct TypeCheckingTests {
  private static let tests = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Where the modules of this build are.
  private static let modules: URL? = {
    // .build/<triple>/release/<the tests>, next to Modules.
    let program = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
    var folder = program.deletingLastPathComponent()
    for _ in 0..<4 {
      let modules = folder.appending(path: "Modules")
      let module = modules.appending(path: "Autograd.swiftmodule").path
      if FileManager.default.fileExists(atPath: module) { return modules }
      folder.deleteLastPathComponent()
    }
    return nil
  }()

  /// What the compiler says of a file.
  private func check(_ source: String) throws -> (output: String, status: Int32) {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "type-checking-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "File.swift")
    try source.write(to: file, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "swiftc", "-typecheck", "-swift-version", "6", "-I", try #require(Self.modules).path,
      "-Xfrontend", "-warn-long-expression-type-checking=1000", file.path,
    ]
    let pipe = Pipe()
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: output, as: UTF8.self), process.terminationStatus)
  }

  /// The whole file takes one to two seconds; a second for one expression is that of a compiler that
  /// has begun to try all combinations of operators.
  @Test(arguments: ["import Autograd", "import Autograd\nimport Foundation"])
  func `arithmetic of plain numbers beside tensors is seen through`(imports: String) throws {
    let file = Self.tests.appending(path: "TypeChecking/PlainNumbers.swift")
    let source = try String(contentsOf: file, encoding: .utf8)
    #expect(source.contains("import Autograd\n"))
    let (output, status) = try check(source.replacing("import Autograd\n", with: imports + "\n"))
    #expect(status == 0 && output.isEmpty, "\(output)")
  }

  @Test(arguments: ["import Autograd", "import Autograd\nimport Foundation"])
  func `calls compile as they are written`(imports: String) throws {
    let (output, status) = try check(
      imports + """

        func numbers(_ n: Int, _ x: Double, _ y: Float) -> [Double] {
          let scale = 1 / sqrt(2.0 * Double(n)) + 3 * exp(-0.5 * x)
          let a = [exp(x), expm1(x), log(x), log1p(x), sqrt(x), sin(x), cos(x), tanh(x), erf(x)]
          let b = [pow(x, 2), floor(x), ceil(x), max(x, 0), min(0, x), abs(x), abs(-1.5), max(1, 2)]
          return [scale, Double(exp(y) + abs(y) + max(y, 0) + pow(y, 2))] + a + b
        }
        func built() {
          let empty: [Tensor<Double>] = [Tensor<Double>([]), Tensor<Double>([[]])]
          let x = Tensor<Double>([1, 2])
          let stacked = valueWithGradient(at: x) { x in
            let v = x[0]
            return Tensor([[v], [v + 2]]).sum()
          }
          let ofNumbers = [1.0, 2.0].map { v in Tensor([[v], [v + 2]]) }
          let vectors = [x[0], x[1]].map { v in Tensor([v, v + 2]) }
          _ = (empty, stacked, ofNumbers, vectors)
        }
        func sides(_ x: Tensor<Float>, _ ids: Tensor<Int32>, _ bytes: Tensor<UInt8>) {
          let masks = [x .> 0, 0 .< x, x .== 1, ids .== 0, 3 .>= ids, bytes .!= 255, (ids .< 3) .== true]
          let chosen = select(masks[0], x, 0) + select(masks[0], 0, x) + x * select(masks[0], 1, 0)
          _ = [max(x, 0), max(0, x), min(x, 1), -x, chosen]
          _ = [ids + 1, 2 * ids, ids / 2, 7 % ids, ids % 7, 1 - ids, -ids, max(ids, 0), select(masks[3], 1, ids)]
          _ = [bytes + 1, 255 - bytes, max(bytes, 7), select(bytes .> 127, 255, 0)]
        }
        func parts(_ x: Tensor<Float>, _ i: Int, _ mask: Tensor<Bool>) {
          var y = x
          _ = [x[0], x[i, 1..<3], x[1, ..., 2..<5], x[2...], x[..<3], x[...2], x[0, 0, ..., 1]]
          _ = [x[.last], x[.fromEnd(2)], x[.suffix(3).dropLast()], x[(0..<9).by(2), .all.by(-1)]]
          _ = [x[.newAxis, ..., .newAxis], x[[2, 0]], x[..., [1]], x[mask], x[..., 0] * x[..., .last]]
          y[0] = x[1]
          y[i, 0] = 5
          y[mask] = 0
          y[..., .last] = x[0, 0].scalar
          y[0] += 1
          y[0, 1] *= x[1, 1]
          _ = x.sum() * x[0, 0] * 2 - 1
        }
        """)
    #expect(status == 0 && !output.contains("error"), "\(output)")
  }

  @Test func `a wrong call is answered with the right name`() throws {
    func answer(_ statement: String) throws -> String {
      try check(
        "import Autograd\nfunc f(_ x: Tensor<Float>, _ d: Double) {\n\(statement)\n}\n"
      ).output
    }
    #expect(try answer("if x[0, 1] == 3 {}").contains("`x[0].scalar` is its number"))
    #expect(
      try answer("let v: Float = x[0, 1]").contains(
        "cannot convert value of type 'Tensor<Float>' to specified type 'Float'"))
    #expect(try answer("_ = x[d]").contains("'Double' conform to 'TensorIndex'"))
    #expect(try answer("_ = x[0.5]").contains("'Double' conform to 'TensorIndex'"))
    #expect(
      try answer("_ = x * d").contains("('Float' and 'Double') are expected to be equal"))
  }
}
