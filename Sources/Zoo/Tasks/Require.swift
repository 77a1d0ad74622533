/// Ends the program with a sentence about a programming error, in optimized builds too, unless the
/// condition holds.
func require(_ condition: Bool, _ sentence: @autoclosure () -> String) {
  if !condition { fatalError(sentence()) }
}
