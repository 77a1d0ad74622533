/// Text as the content of an element or of an attribute in quotation marks: the five characters that
/// mean something to HTML are replaced, and control characters, which HTML forbids, by a blank.
func escaped(_ text: String) -> String {
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
    case _ where scalar.properties.generalCategory == .control: result += " "
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// A number for an SVG attribute: two decimals are finer than a screen can show.
func coordinate(_ value: Double) -> String {
  var text = fixed(value, 2)
  while text.last == "0" { text.removeLast() }
  if text.last == "." { text.removeLast() }
  return text == "-0" ? "0" : text
}

/// A count for people, short: `950`, `12k`, `1.5M`.
func short(_ count: Double) -> String {
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
