import Kernels
import Platform

/// The variables of the environment that the library reads.
package enum Environment {
  private static let prefix = "TAPESTRY_"
  /// The file of the MPI library; read by `Distributed`.
  package static let mpiLibraryVariable = "TAPESTRY_MPI_LIBRARY"
  private static let known = [
    Processor.environmentVariable, Threads.environmentVariable, mpiLibraryVariable,
  ]

  /// Ends the program with one sentence and status 2 where a variable begins with `TAPESTRY_` but
  /// is none that is read, or where one that is read has a value without meaning.
  ///
  /// The project's programs call it first, so that a slip is told even by what computes nothing. In
  /// somebody else's program a variable that is not read here may be read there: the library
  /// itself looks at values alone.
  package static func check() {
    _ = Processor.instructionSet
    _ = Threads.count
    let names = EnvironmentVariables.entries.map { String($0.prefix { $0 != "=" }) }
    for name in names where name.hasPrefix(prefix) && !known.contains(name) {
      quit("\(name) is no variable that is read; there are \(known.joined(separator: ", "))")
    }
  }

  /// What is wrong with a value that is read: a sentence without its full stop; nil if nothing is. For a
  /// library in somebody else's process, which asks before the first tensor and does not end it.
  package static var problem: String? {
    Processor.environmentProblem ?? Threads.environmentProblem
  }

  static func quit(_ message: String) -> Never {
    CurrentProcess.end(saying: "tapestry: \(message)")
  }
}
