/// Why MPI cannot be used, or what it refused.
public enum MPIError: Error, Equatable, CustomStringConvertible {
  /// A launcher started the process, but no library was found that fits it: names that were looked
  /// for, with the loader's reasons.
  case noLibrary(launcher: String, looked: [String])
  /// The library is of no kind that is known here, or lacks a function.
  case unknownLibrary(name: String, reason: String)
  /// The launcher and the library don't belong together: each process would train by itself.
  case launcherOfAnother(library: String, launched: Int, found: Int)
  /// A call failed: the name of the function, MPI's code and MPI's text for it.
  case call(String, code: Int, text: String)

  /// One sentence.
  public var description: String {
    switch self {
    case .noLibrary(let launcher, let looked):
      "this process was started by \(launcher), but no MPI library was found; looked for "
        + looked.joined(separator: ", ")
        + " (\(MPILibrary.environmentVariable) may name the library's file)"
    case .unknownLibrary(let name, let reason):
      "\(name) is no MPI library that is known here: \(reason); Open MPI, MPICH and its "
        + "relatives, and libraries with the ABI of MPI 5 are"
    case .launcherOfAnother(let library, let launched, let found):
      "the launcher started \(launched) processes, but \(library) knows of \(found): launcher and "
        + "library are of two MPIs (\(MPILibrary.environmentVariable) may name the right library)"
    case .call(let function, let code, let text):
      "\(function) failed: \(text) (code \(code))"
    }
  }
}
