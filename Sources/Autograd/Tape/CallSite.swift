#if canImport(Runtime) && os(Linux)
  private import Runtime
#endif

/// Where in a program an operation was called: the return addresses of its callers, which cost some
/// microseconds to note, and are looked up only when they are asked for.
struct CallSite {
  #if canImport(Runtime) && os(Linux)
    private let backtrace: Backtrace?
    /// The libraries of this process; loading one later goes unnoticed.
    private static let images = ImageMap.capture()

    /// The callers now. Each that is looked up takes tens of milliseconds, and few are as deep in the
    /// library.
    static func capture() -> CallSite {
      CallSite(backtrace: try? Backtrace.capture(limit: 32, top: 0, images: images))
    }

    /// The innermost line of a caller outside of this package: file and number. Where all callers
    /// are files of the package, as in its own programs, the innermost above its floors.
    var line: String? {
      let places = places
      // The first is a line of this file, and shows how paths begin: relative to the package or
      // from the root, which may differ from frame to frame.
      let sources = places.prefix(4).compactMap { place in
        place.path.firstRange(of: "Autograd/Tape/").map { String(place.path[..<$0.lowerBound]) }
      }
      if sources.isEmpty { return nil }
      func innermost(outside folders: [String]) -> String? {
        places.first { place in !folders.contains { place.path.hasPrefix($0) } }.map {
          "\($0.path):\($0.line)"
        }
      }
      return innermost(outside: sources)
        ?? innermost(outside: sources.flatMap { folder in Self.floors.map { folder + $0 } })
    }

    /// The lines of the callers, the innermost first.
    private var places: [SymbolicatedBacktrace.SourceLocation] {
      (backtrace?.symbolicated()?.frames ?? []).compactMap(\.symbol?.sourceLocation).filter {
        $0.line > 0 && !$0.path.contains("<")
      }
    }

    /// The folders of the library beneath the models.
    private static let floors = ["Kernels/", "Autograd/", "Layers/", "Training/"]
  #else
    /// The callers now; this system has no way to tell.
    static func capture() -> CallSite { CallSite() }
    /// Nil: this system has no way to tell.
    var line: String? { nil }
  #endif
}
