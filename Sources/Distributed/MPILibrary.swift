import Autograd
import Platform

/// The system's MPI library, opened.
package struct MPILibrary: Sendable {
  /// The variable of the environment that names the library's file, where it isn't found by itself.
  static let environmentVariable = Environment.mpiLibraryVariable

  let name: String
  let interface: MPIHandles.Interface
  let handles: MPIHandles
  let functions: MPIFunctions

  /// Opens the library that belongs to a launcher.
  ///
  /// - Parameter path: a file to take whatever the launcher is.
  package static func open(for launcher: Launcher, path: String?) throws(MPIError) -> MPILibrary {
    var looked: [String] = []
    for name in path.map({ [$0] }) ?? launcher.libraries {
      let library: DynamicLibrary
      do throws(DynamicLibrary.Failure) {
        library = try DynamicLibrary(name)
      } catch {
        looked.append(path == nil ? name : "\(error)")
        continue
      }
      return try MPILibrary(name, library)
    }
    throw .noLibrary(launcher: launcher.name, looked: looked)
  }

  private init(_ name: String, _ library: DynamicLibrary) throws(MPIError) {
    self.name = name
    do throws(MPIFunctions.Missing) {
      functions = try MPIFunctions(library)
    } catch {
      throw .unknownLibrary(name: name, reason: "it has no \(error.function)")
    }
    if let handles = MPIHandles.openMPI(library) {
      (interface, self.handles) = (.openMPI, handles)
    } else if name.contains("mpi_abi") {
      (interface, handles) = (.standard, .standard)
    } else {
      let version = Self.version(of: library)
      // As the relatives of MPICH call themselves that have its binary interface.
      guard ["MPICH", "Intel", "MVAPICH", "CRAY"].contains(where: { version.contains($0) }) else {
        throw .unknownLibrary(name: name, reason: "it calls itself '\(version)'")
      }
      (interface, handles) = (.mpich, .mpich)
    }
  }

  /// What the library calls itself: the first line of `MPI_Get_library_version`, which may be called
  /// before anything else.
  private static func version(of library: DynamicLibrary) -> String {
    typealias Function =
      @convention(c) (
        UnsafeMutablePointer<CChar>, UnsafeMutablePointer<CInt>
      ) -> CInt
    guard let address = library.address(of: "MPI_Get_library_version") else { return "" }
    let text = Self.text { unsafeBitCast(address, to: Function.self)($0, $1) }
    return String(text.prefix { $0 != "\n" })
  }

  /// The text that a function of MPI writes; none where it fails.
  static func text(
    _ write: (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<CInt>) -> CInt
  ) -> String {
    // No library's texts are longer (`MPI_MAX_LIBRARY_VERSION_STRING`).
    var bytes = [CChar](repeating: 0, count: 1 << 14)
    var length: CInt = 0
    guard write(&bytes, &length) == 0 else { return "" }
    return String(decoding: bytes.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Throws where a call has failed.
  ///
  /// - Parameters:
  ///   - name: the function's name without `MPI_`.
  ///   - code: what it returned.
  func check(_ name: String, _ code: CInt) throws(MPIError) {
    if code == 0 { return }
    let text = Self.text { functions.errorString(code, $0, $1) }
    throw .call("MPI_\(name)", code: Int(code), text: text.isEmpty ? "an unknown error" : text)
  }
}
