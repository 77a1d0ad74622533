private import Platform
private import Tasks

/// The trained weights that ship with the project, by the name of their recipe in `zoo`.
public enum Pretrained {
  /// The weights file of a recipe; nil where none ships.
  ///
  /// ```swift
  /// let file = try SafeTensors(contentsOf: Pretrained.path(of: "seq2seq")!)
  /// ```
  public static func path(of recipe: String) -> String? {
    let path = Resource.path("Weights/\(recipe).safetensors", of: "Pretrained")
    return FileSystem.isReadable(path) ? path : nil
  }
}
