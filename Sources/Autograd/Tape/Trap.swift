import Platform

/// Ends the program with a sentence about a programming error, in optimized builds too. Before the
/// sentence stands the line of the program that called the library, where the system can tell.
///
/// The line is looked up when the program ends, not handed down by each call: operators have no
/// place for it, and so it costs nothing as long as all goes well. (Beyond the first frame of a
/// thread, the toolchain's search may read where no memory is.)
package func trap(_ message: @autoclosure () -> String) -> Never {
  // Not fatalError, which names a line of this file.
  CurrentProcess.abort(saying: "Fatal error: \(message())") {
    CallSite.callerLine().map { "\($0): " } ?? ""
  }
}
