#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A library that is found and opened while the program runs. It stays open until the program ends.
package struct DynamicLibrary: @unchecked Sendable {
  // Unchecked: the handle is only handed to the loader, which threads may call.
  private let handle: UnsafeMutableRawPointer

  /// Why a library cannot be opened.
  package struct Failure: Error, CustomStringConvertible {
    /// The reason in the loader's words.
    package let description: String
  }

  /// Opens a library.
  ///
  /// What it defines is seen by libraries that it opens in its turn, its plug-ins.
  ///
  /// - Parameter name: a path, or a name that the system looks for in its own places.
  package init(_ name: String) throws(Failure) {
    guard let handle = dlopen(name, RTLD_NOW | RTLD_GLOBAL) else {
      let reason = dlerror().map { String(cString: $0) }
      throw Failure(description: reason ?? "\(name) cannot be opened")
    }
    self.handle = handle
  }

  /// The address of a function or a variable; nil where the library has none of that name.
  package func address(of name: String) -> UnsafeMutableRawPointer? { dlsym(handle, name) }
}
