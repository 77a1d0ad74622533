import FoundationEssentials
import Training

/// One case: a file with the arguments of an operation, and what PyTorch made of them.
package struct Case: Sendable {
  /// `family/operation`, as in `ops/softmax`.
  package let name: String
  /// The part of the name before the slash.
  package let family: String
  /// The operation's, module's, optimizer's or schedule's name.
  package let operation: String
  package let path: String
  package let attributes: Attributes
  /// Roles of `input.0`, `input.1`, ...; an optional tensor that is absent keeps its place.
  package let inputs: [String]
  /// Absolute and relative tolerance.
  package let tolerance: (absolute: Double, relative: Double)
  package let file: SafeTensors

  /// The JSON object `case` of the metadata.
  private struct Description: Decodable {
    let op: String
    let attributes: [String: JSON]?
    let inputs: [String]?
    let tolerance: [Double]?
  }

  /// Reads a case.
  ///
  /// - Throws: an error that says what is wrong with which file.
  package init(path: String, family: String) throws {
    file = try SafeTensors(contentsOf: path)
    guard let text = file.metadata["case"] else {
      throw CaseError("\(path): expected metadata 'case', found none")
    }
    let description: Description
    do {
      description = try JSONDecoder().decode(Description.self, from: Data(text.utf8))
    } catch {
      throw CaseError("\(path): expected a JSON object with 'op' as metadata 'case', found \(text)")
    }
    self.path = path
    self.family = family
    operation = description.op
    name = "\(family)/\(operation)"
    attributes = Attributes(description.attributes ?? [:], place: path)
    inputs = description.inputs ?? []
    // The rule for double precision that the format states.
    let tolerance = description.tolerance ?? [1e-9, 1e-9]
    if tolerance.count != 2 {
      throw CaseError("\(path): expected a tolerance of two numbers, found \(tolerance)")
    }
    self.tolerance = (tolerance[0], tolerance[1])
  }

  /// Whether the case's numbers are stored in single precision.
  var isSinglePrecision: Bool { file.tensors["output.0"]?.dtype == .float32 }

  /// Numbers N for which there is a tensor `prefix.N`.
  func numbers(_ prefix: String) -> [Int] {
    file.tensors.keys.compactMap { key in
      key.hasPrefix(prefix + ".") ? Int(key.dropFirst(prefix.count + 1)) : nil
    }.sorted()
  }

  /// The tensors whose names begin with `prefix.`, by the rest of their names.
  func entries(_ prefix: String) -> [String: StoredTensor] {
    var result: [String: StoredTensor] = [:]
    for (key, entry) in file.tensors where key.hasPrefix(prefix + ".") {
      result[String(key.dropFirst(prefix.count + 1))] = entry
    }
    return result
  }

  /// The cases of a directory, `DIR/<family>/<name>/<nnn>.safetensors`, in the order of their
  /// names: path and family of each.
  package static func paths(in directory: String) throws(CaseError) -> [(
    path: String, family: String
  )] {
    let families = try list(directory).filter { isDirectory("\(directory)/\($0)") }
    var result: [(path: String, family: String)] = []
    for family in families {
      for operation in try list("\(directory)/\(family)") {
        let folder = "\(directory)/\(family)/\(operation)"
        guard isDirectory(folder) else { continue }
        for file in try list(folder) where file.hasSuffix(".safetensors") {
          result.append(("\(folder)/\(file)", family))
        }
      }
    }
    if result.isEmpty {
      throw CaseError("\(directory): expected cases FAMILY/NAME/NNN.safetensors, found none")
    }
    return result
  }

  private static func list(_ directory: String) throws(CaseError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    } catch {
      throw CaseError("\(directory): expected a directory that can be read, found none")
    }
  }

  private static func isDirectory(_ path: String) -> Bool {
    var isDirectory = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
  }
}
