#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The variables of the environment.
package enum EnvironmentVariables {
  /// The value of a variable; nil if there is none of that name.
  package static subscript(name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// All variables, as `NAME=VALUE`.
  package static var entries: [String] {
    var result: [String] = []
    var next = list
    while let entry = next?.pointee {
      result.append(String(cString: entry))
      next = next?.successor()
    }
    return result
  }

  /// The list of all, which ends with nil.
  static var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    #if canImport(Darwin)
      _NSGetEnviron().pointee
    #else
      environ
    #endif
  }
}
