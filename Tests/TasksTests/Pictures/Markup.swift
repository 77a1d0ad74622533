import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The elements of a page or a drawing, as an XML parser reads them; what is not well-formed throws.
struct Markup {
  struct Element {
    let name: String
    let attributes: [String: String]
    /// The names of the elements around it, the outermost first.
    let ancestors: [String]
    /// The text within, that of inner elements too.
    fileprivate(set) var text = ""

    subscript(attribute: String) -> String? { attributes[attribute] }

    /// A number that an attribute holds.
    func number(_ attribute: String) throws -> Double {
      try #require(attributes[attribute].flatMap { Double($0) }, "\(name) \(attribute)")
    }

    func hasClass(_ name: String) -> Bool {
      attributes["class"]?.split(separator: " ").contains { $0 == name } ?? false
    }
  }

  let elements: [Element]

  init(_ text: String) throws {
    let reader = Reader()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    guard parser.parse() else {
      let place = "line \(parser.lineNumber), column \(parser.columnNumber)"
      throw Malformed(description: "\(place): \(parser.parserError.map { "\($0)" } ?? "")")
    }
    elements = reader.elements
  }

  /// The elements of that name, with that class if one is given, in the order of the page.
  func all(_ name: String, class kind: String? = nil) -> [Element] {
    elements.filter { $0.name == name && (kind == nil || $0.hasClass(kind!)) }
  }

  /// The texts of the elements of that name.
  func texts(_ name: String, class kind: String? = nil) -> [String] {
    all(name, class: kind).map(\.text)
  }
}

struct Malformed: Error, CustomStringConvertible {
  let description: String
}

private final class Reader: NSObject, XMLParserDelegate {
  var elements: [Markup.Element] = []
  private var open: [Int] = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.append(
      .init(name: name, attributes: attributes, ancestors: open.map { elements[$0].name }))
    open.append(elements.count - 1)
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    for index in open { elements[index].text += text }
  }
}
