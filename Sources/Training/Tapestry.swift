/// What is said of the library as a whole.
public enum Tapestry {
  /// Its version, as a release's tag has it after `v`; a checkpoint has it, too.
  public static let version = "0.1.0"
}
