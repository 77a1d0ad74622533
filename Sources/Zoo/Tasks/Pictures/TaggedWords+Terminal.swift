extension TaggedWords {
  /// The label, then a line for each word: the word, its tag, a bar for its weight (the largest at
  /// full length) and the weight in percent.
  ///
  ///     BookRestaurant
  ///       book               ████████████████████ 41 %
  ///       in                 ▉ 2 %
  ///       new     B-city     ██████ 12 %
  ///       york    I-city     ████▉ 10 %
  public func terminal(color: Bool, width: Int) -> String {
    // Blanks around the columns, a bar of one and " 100 %" take 14.
    let most = Swift.max((width - 14) / 2, 4)
    let names = words.map { cut($0, to: most) }
    let tags = words.indices.map { index in
      self.tags.isEmpty || self.tags[index] == "O" ? "" : cut(self.tags[index], to: most)
    }
    let nameWidth = names.map { columns(of: $0) }.max() ?? 0
    let tagWidth = tags.map { columns(of: $0) }.max() ?? 0
    let left = 2 + nameWidth + 2 + (tagWidth > 0 ? tagWidth + 2 : 0)
    let room = Swift.min(Swift.max(width - left - 6, 1), 30)
    let lines = words.indices.map { index in
      let text =
        "  \(leftAligned(names[index], in: nameWidth))  "
        + (tagWidth > 0 ? leftAligned(tags[index], in: tagWidth) + "  " : "")
      if weights.isEmpty { return withoutTrailingSpaces(text) }
      let drawn = bar(share(index), width: room)
      let codes = colorCodes(of: share(index), color)
      return text + (drawn.isEmpty ? "" : "\(codes.begin)\(drawn)\(codes.end) ") + percent(index)
    }
    return ([label] + lines).filter { !$0.isEmpty }.map { $0 + "\n" }.joined()
  }
}
