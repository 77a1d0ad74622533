import Platform

/// Text as the content of an element or of an attribute in quotation marks: the five characters that
/// mean something to HTML are replaced, control characters, which HTML forbids, by a blank, and what
/// XML has no place for by a replacement character.
package func escaped(_ text: String) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\n", "\t": result.unicodeScalars.append(scalar)
    case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
    case _ where scalar.properties.generalCategory == .control: result += " "
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// Text of a user as a part of an attribute or a title: Hebrew and Arabic don't turn what stands
/// around them. (An element says the same by `<bdi>`.)
func isolated(_ text: String) -> String {
  let isRightToLeft = text.unicodeScalars.contains {
    switch $0.value {
    case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFC, 0x10800...0x10FFF, 0x1E800...0x1EFFF:
      true
    default: false
    }
  }
  return isRightToLeft ? "\u{2068}\(text)\u{2069}" : text
}

/// An element with text of a user, whose direction is its own.
func isolatedElement(_ text: String) -> String {
  "<bdi>\(escaped(text))</bdi>"
}

/// A number for an SVG attribute: two decimals are finer than a screen can show.
package func coordinate(_ value: Double) -> String {
  var text = fixed(value, 2)
  while text.last == "0" { text.removeLast() }
  if text.last == "." { text.removeLast() }
  return text == "-0" ? "0" : text
}

/// A count for people, short: `950`, `12k`, `1.5M`.
package func short(_ count: Double) -> String {
  switch count {
  case ..<999.5: coordinate(count.rounded())
  case ..<9_950: "\(trimmedDecimal(count / 1e3))k"
  case ..<999_500: "\(fixed(count / 1e3, 0))k"
  default: "\(trimmedDecimal(count / 1e6))M"
  }
}

private func trimmedDecimal(_ value: Double) -> String {
  let text = fixed(value, 1)
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
