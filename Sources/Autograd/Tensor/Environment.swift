import Kernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The variables of the environment that the library reads.
package enum Environment {
  private static let prefix = "TAPESTRY_"
  private static let known = [Processor.environmentVariable, Threads.environmentVariable]

  /// Ends the program with one sentence and status 2 where a variable begins with `TAPESTRY_` but
  /// is none that is read, or where one that is read has a value without meaning.
  ///
  /// The project's programs call it first, so that a slip is told even by what computes nothing. In
  /// somebody else's program a variable that is not read here may be read there: the library
  /// itself looks at values alone.
  package static func check() {
    _ = Processor.instructionSet
    _ = Threads.count
    for name in names where name.hasPrefix(prefix) && !known.contains(name) {
      quit("\(name) is no variable that is read; there are \(known.joined(separator: " and "))")
    }
  }

  static func quit(_ message: String) -> Never {
    let line = "tapestry: \(message)\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(2)
  }

  /// The names of all variables.
  private static var names: [String] {
    var result: [String] = []
    var next = environ
    while let entry = next.pointee {
      result.append(String(String(cString: entry).prefix { $0 != "=" }))
      next += 1
    }
    return result
  }
}
