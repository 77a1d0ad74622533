import Foundation

/// Files that ship with the data sets.
enum Resource {
  /// Path of a file in this target's folder `Resources`.
  ///
  /// It stands in the resource bundle beside the running program, where the package manager puts it;
  /// when there is none (a program that was moved), in the sources that the program was built from.
  /// `Bundle.module` would look in the same two places, but ends the program when both are empty; here
  /// the first place is named then, for the reader's error.
  static func path(_ name: String) -> String {
    let program =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let places = [
      "\(folder(of: program))/tapestry_Datasets.resources/\(name)",
      "\(folder(of: #filePath))/Resources/\(name)",
    ]
    return places.first { FileManager.default.isReadableFile(atPath: $0) } ?? places[0]
  }

  private static func folder(of path: String) -> Substring {
    path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
  }
}
