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

    /// The callers now.
    static func capture() -> CallSite {
      CallSite(backtrace: try? Backtrace.capture(limit: 96, images: images))
    }

    /// The innermost line of a caller outside of this library: file and number.
    var line: String? {
      guard let frames = backtrace?.symbolicated()?.frames else { return nil }
      let places = frames.compactMap(\.symbol?.sourceLocation).filter {
        $0.line > 0 && !$0.path.contains("<")
      }
      // The first are lines of this folder, and show how paths begin: relative to the package or
      // from the root, which may differ from frame to frame.
      let starts = places.prefix(4).compactMap { place in
        place.path.firstRange(of: "Autograd/Tape/").map { place.path[..<$0.lowerBound] }
      }
      let floors = starts.flatMap { start in
        ["Kernels/", "Autograd/", "Layers/"].map { start + $0 }
      }
      let user = places.first { place in !floors.contains { place.path.hasPrefix($0) } }
      return user.map { "\($0.path):\($0.line)" }
    }
  #else
    /// The callers now; this system has no way to tell.
    static func capture() -> CallSite { CallSite() }
    /// Nil: this system has no way to tell.
    var line: String? { nil }
  #endif
}
