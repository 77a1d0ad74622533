import Glibc

extension Lexicon {
  /// The CMU Pronouncing Dictionary that ships with the project: 126,052 words of North American
  /// English with 135,166 pronunciations, fewer once the stress marks are dropped.
  ///
  /// The file stands in the resource bundle beside the running program, where the package manager
  /// puts it; when there is none (a program that was moved), in the sources that the program was
  /// built from. Its licence stands beside it.
  ///
  /// - Parameter stress: whether the digits in phonemes are dropped.
  /// - Throws: `LexiconError` if the file is in neither place, naming the first.
  public static func cmudict(stress: StressMarks = .dropped) throws(LexiconError) -> Lexicon {
    let places = cmudictPlaces()
    let path = places.first { access($0, R_OK) == 0 } ?? places[0]
    return try Lexicon(contentsOf: path, format: .cmuDictionary, stress: stress)
  }
}

/// Where the dictionary may stand, best first.
///
/// `Bundle.module` would look in the same two places, but ends the program when both are empty.
private func cmudictPlaces() -> [String] {
  var program = [CChar](repeating: 0, count: Int(PATH_MAX))
  let length = max(0, readlink("/proc/self/exe", &program, program.count))
  let path = String(decoding: program[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
  return [
    "\(folder(of: path))/tapestry_Pronunciation.resources/CMUdict/cmudict.dict",
    "\(folder(of: #filePath))/Resources/CMUdict/cmudict.dict",
  ]
}

private func folder(of path: String) -> Substring {
  path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
}
