#if canImport(Runtime) && os(Linux)
  import Runtime

  /// The callers of a function: return addresses, which cost some microseconds to note, and are
  /// looked up only when they are asked for.
  package struct CallStack {
    /// What is looked up: a line takes much longer to find than a name, and those of functions that
    /// were compiled into others longer still.
    package enum Detail {
      case names, lines, inlinedLines

      fileprivate var options: Backtrace.SymbolicationOptions {
        switch self {
        case .names: []
        case .lines: .showSourceLocations
        case .inlinedLines: .default
        }
      }
    }

    /// A function that has called another.
    package struct Symbol {
      fileprivate let symbol: SymbolicatedBacktrace.Symbol

      /// As the linker knows it.
      package var rawName: String { symbol.rawName }
      /// As Swift writes it.
      package var name: String { symbol.name }
      /// The file and line of the call.
      package var place: (path: String, line: Int)? {
        symbol.sourceLocation.map { ($0.path, $0.line) }
      }
    }

    private let backtrace: Backtrace?
    /// The libraries of this process; loading one later goes unnoticed.
    private static let images = ImageMap.capture()

    /// The callers now, the innermost first, at most so many.
    package static func capture(limit: Int) -> CallStack {
      CallStack(backtrace: try? Backtrace.capture(limit: limit, top: 0, images: images))
    }

    /// The callers; nil is one that nothing is known of.
    package func symbols(_ detail: Detail) -> [Symbol?] {
      let frames = backtrace?.symbolicated(options: detail.options)?.frames ?? []
      return frames.map { $0.symbol.map(Symbol.init) }
    }
  }
#else
  /// The callers of a function; this system has no way to tell.
  package struct CallStack {
    package enum Detail { case names, lines, inlinedLines }

    package struct Symbol {
      package let rawName: String
      package let name: String
      package let place: (path: String, line: Int)?
    }

    package static func capture(limit: Int) -> CallStack { CallStack() }

    package func symbols(_ detail: Detail) -> [Symbol?] { [] }
  }
#endif
