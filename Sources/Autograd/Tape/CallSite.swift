import Platform

/// Where in a program an operation was called: its callers, which cost some microseconds to note, and
/// are looked up only when they are asked for.
struct CallSite {
  private let stack: CallStack

  /// The callers now; none where the system has no way to tell.
  static func capture() -> CallSite { CallSite(stack: .capture(limit: 48)) }

  /// The line of the innermost caller outside of this package, file and number; where all callers
  /// are files of the package, as in its own programs, that of the innermost above the floors.
  var line: String? {
    let places = places
    let outside = places.first { !CallerPath.isOfPackage($0.path) } ?? places.first
    return outside.map { "\($0.path):\($0.line)" }
  }

  /// The line of the innermost caller outside of this package, as it is now. A line takes much
  /// longer to find than a name: names say how far to look.
  static func callerLine() -> String? {
    // No further than the first caller: beyond a thread's first frame there may be no memory.
    for limit in 2...48 {
      let site = CallSite(stack: .capture(limit: limit))
      let symbols = site.stack.symbols(.names)
      if symbols.contains(where: isCaller) {
        if let place = site.places.first, !CallerPath.isOfPackage(place.path) {
          return "\(place.path):\(place.line)"
        }
        break
      }
      if symbols.count < limit { return nil }
    }
    return CallSite.capture().line
  }

  /// The lines of the callers above the floors, the innermost first.
  private var places: [(path: String, line: Int)] {
    func places(_ detail: CallStack.Detail) -> [(path: String, line: Int)] {
      stack.symbols(detail).filter(Self.isCaller).compactMap { $0?.place }
        .filter { $0.line > 0 && !$0.path.contains("<") }
    }
    let quick = places(.lines)
    // Code of the floors that is compiled into a caller has a caller's line around it, which takes
    // longer to find.
    if !quick.contains(where: { CallerPath.isOfFloors($0.path) }) { return quick }
    return places(.inlinedLines).filter { !CallerPath.isOfFloors($0.path) }
  }

  /// Whether a function may be a caller: one of neither this library nor the toolchain's.
  private static func isCaller(_ symbol: CallStack.Symbol?) -> Bool {
    guard let symbol else { return false }
    // The names of a C function, and of a program's top level, are as they are.
    guard symbol.rawName.hasPrefix("$s") else { return !symbol.rawName.hasPrefix("swift") }
    // Extensions of a library's types are named after the library first.
    let name = symbol.name
    if let range = name.firstRange(of: "(extension in ") {
      return !isOfLibrary(String(name[range.upperBound...].prefix { $0 != ")" }))
    }
    let rest = symbol.rawName.dropFirst(2)
    let digits = rest.prefix { $0.isNumber }
    // What has no module's name is of the standard library.
    guard let length = Int(digits) else { return false }
    return !isOfLibrary(String(rest.dropFirst(digits.count).prefix(length)))
  }

  private static func isOfLibrary(_ module: String) -> Bool {
    let others = ["Swift", "Foundation", "FoundationEssentials", "Synchronization", "Runtime"]
    return module.hasPrefix("Kernels") || CallerPath.floors.contains(module)
      || others.contains(module)
  }
}

/// Which files are this package's own.
private enum CallerPath {
  static let floors = ["Platform", "Kernels", "Autograd", "Layers", "Training"]

  /// The folder of the package's sources, as the compiler has seen it.
  private static let sources: Substring = {
    let file = #filePath
    return file.firstRange(of: "Autograd/Tape/").map { file[..<$0.lowerBound] } ?? ""
  }()

  static func isOfPackage(_ path: String) -> Bool {
    (!sources.isEmpty && path.hasPrefix(sources)) || isOfFloors(path)
  }

  /// Paths are from the root, or relative to the package.
  static func isOfFloors(_ path: String) -> Bool {
    floors.contains {
      path.hasPrefix("\(sources)\($0)/") || path.hasPrefix("Sources/\($0)/")
    }
  }
}
