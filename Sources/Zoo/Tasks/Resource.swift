import Platform

/// Files that ship with a target of the project.
package enum Resource {
  /// Path of a file in a target's folder `Resources`.
  ///
  /// It stands in the resource bundle beside the running program, where the package manager puts
  /// it; when there is none (a program that was moved), in the sources that the program was built
  /// from. `Bundle.module` would look in the same two places, but ends the program when both are
  /// empty; here the first place is named then, for the reader's error.
  ///
  /// - Parameters:
  ///   - name: the file, from the folder.
  ///   - target: the target that the folder belongs to.
  ///   - source: a source file beside the folder: the caller's.
  package static func path(
    _ name: String, of target: String, beside source: String = #filePath
  ) -> String {
    let places = [
      "\(folder(of: CurrentProcess.path ?? ""))/tapestry_\(target).resources/\(name)",
      "\(folder(of: source))/Resources/\(name)",
    ]
    return places.first(where: FileSystem.isReadable) ?? places[0]
  }

  private static func folder(of path: String) -> Substring {
    path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
  }
}
