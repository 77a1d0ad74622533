import Autograd
import Kernels
import Platform
import Training

/// The processes that an MPI launcher has started together, each of which has a rank.
///
/// ```swift
/// try ProcessGroup.whileOpen { group in
///   // nil where the program was started by itself
///   var numbers = [Double(group?.rank ?? 0)]
///   try group?.allReduce(&numbers, .sum)
/// }
/// ```
///
/// Its functions are collective: every rank calls the same ones in the same order, with arguments that
/// fit. One thread at a time calls them.
public final class ProcessGroup {
  /// The number of this process, from 0.
  public let rank: Int
  /// The number of processes.
  public let size: Int
  /// The number of the processes that are on this machine; nil where the launcher does not tell.
  public let localSize: Int?
  /// The library that was found, and its kind, as `libmpi.so.40 (Open MPI)`.
  public let libraryName: String

  let library: MPILibrary
  /// All ranks once more: what goes on when it can, in an order of its own, is not confused there with what
  /// was begun.
  let distribution: Int
  /// Sums that were begun and not waited for, in that order.
  var sums: [any OrderedSum] = []
  private let watch: PeerWatch
  /// Whether each rank ends by itself, as all know why.
  private var isFailureKnown = false

  /// Opens the group of the processes that were started together.
  private init(_ launcher: Launcher) throws(MPIError) {
    library = try .open(for: launcher, path: EnvironmentVariables[MPILibrary.environmentVariable])
    libraryName = "\(library.name) (\(library.interface.rawValue))"
    localSize = launcher.localSize
    let (functions, handles) = (library.functions, library.handles)
    var level: CInt = 0
    try library.check("Init_thread", functions.initThread(nil, nil, handles.serialized, &level))
    let world = handles.world
    try library.check(
      "Comm_set_errhandler", functions.setErrorHandler(world, handles.errorsReturn))
    var (rank, size): (CInt, CInt) = (0, 0)
    try library.check("Comm_rank", functions.rank(world, &rank))
    try library.check("Comm_size", functions.size(world, &size))
    (self.rank, self.size) = (Int(rank), Int(size))
    watch = PeerWatch(rank: self.rank, size: self.size)
    var copy = 0
    try library.check("Comm_dup", functions.duplicate(world, &copy))
    distribution = copy
    if let launched = launcher.size, launched != self.size {
      throw .launcherOfAnother(library: library.name, launched: launched, found: self.size)
    }
    watch.start(peers: try visiblePeers())
  }

  /// The other ranks whose processes can be seen from here.
  private func visiblePeers() throws(MPIError) -> [PeerWatch.Peer] {
    let space = CurrentProcess.identifierSpace
    let own = "\(CurrentProcess.identifier) \(space ?? "")"
    let all = try gather(Array(own.utf8)) ?? []
    var peers: [PeerWatch.Peer] = []
    for other in 0..<size {
      let bytes = try broadcast(all.isEmpty ? [] : all[other], from: 0)
      let words = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 1)
      if other != rank, let space, words.count == 2, words[1] == space,
        let process = Int(words[0])
      {
        peers.append(.init(rank: other, process: process))
      }
    }
    return peers
  }

  /// Calls the body with the group of the processes that an MPI launcher has started, or with nil
  /// where this process was started by itself: then no library is looked for.
  ///
  /// Call it once in a program. Where the body throws, the error is handed on, and the job ends: after a
  /// training's error, of which all ranks know, each ends by itself; after any other the launcher is
  /// asked to end all, and the program ends here, with the error on standard error and status 2.
  public static func whileOpen<Result>(
    _ body: (ProcessGroup?) throws -> Result
  ) throws -> Result {
    guard let launcher = Launcher.current else { return try body(nil) }
    let group = try ProcessGroup(launcher)
    do {
      let result = try body(group)
      try group.close()
      return result
    } catch {
      if !group.isFailureKnown { group.abort(saying: "\(error)") }
      try? group.close()
      throw error
    }
  }

  private func close() throws(MPIError) {
    watch.stop()
    try library.check("Finalize", library.functions.finalize())
  }

  /// Ends all processes of the job with status 2, after a line on standard error.
  public func abort(saying sentence: String) -> Never {
    try? StandardStream.error.write("rank \(rank) of \(size): \(sentence)\n")
    watch.stop()
    _ = library.functions.abort(library.handles.world, 2)
    CurrentProcess.end(status: 2)
  }

  /// All ranks have learned that one has failed: when `whileOpen` ends, none stops the others.
  public func allKnowOfFailure() { isFailureKnown = true }

  /// Threads for this rank, where those of a machine share its processors: as many as the launcher has
  /// bound it to, or else its part of all. Nil where the launcher does not tell, and where
  /// `TAPESTRY_THREADS` says how many.
  public var threadShare: Int? {
    guard let localSize, EnvironmentVariables[Threads.environmentVariable] == nil else {
      return nil
    }
    let allowed = Processors.count
    return allowed < Processors.online ? allowed : max(allowed / localSize, 1)
  }

  /// Makes a call that waits for the other ranks.
  func waiting(_ name: String, _ call: (MPIFunctions, MPIHandles) -> CInt) throws(MPIError) {
    watch.enter()
    let code = call(library.functions, library.handles)
    watch.leave()
    try library.check(name, code)
  }
}
