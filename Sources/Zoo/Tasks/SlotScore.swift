import Foundation

/// How many marked parts of sentences were found: precision, recall and F1 of slots, as conlleval
/// (CoNLL-2000) counts them.
///
/// Tags are `O`, `B-KIND` at the beginning of a slot and `I-KIND` within. A slot is right where its
/// first word, its last word and its kind are. An `I` that follows no slot of its kind begins one.
public struct SlotScore: Equatable, Sendable {
  /// Slots of one kind, or of all.
  public struct Counts: Equatable, Sendable {
    /// Slots of the reference.
    public fileprivate(set) var reference = 0
    /// Slots that were said to be there.
    public fileprivate(set) var found = 0
    /// Those that are in both.
    public fileprivate(set) var right = 0

    /// The share of found slots that are right, in percent; 100 where none was found.
    public var precision: Double { found == 0 ? 100 : 100 * Double(right) / Double(found) }
    /// The share of the reference's slots that were found, in percent; 0 where there are none.
    public var recall: Double { reference == 0 ? 0 : 100 * Double(right) / Double(reference) }
    /// The harmonic mean of precision and recall, in percent.
    public var f1: Double {
      let (precision, recall) = (precision, recall)
      return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall)
    }
  }

  /// Slots of all kinds together.
  public private(set) var total = Counts()
  /// Slots of each kind.
  public private(set) var kinds: [String: Counts] = [:]
  /// Words whose tag is right.
  public private(set) var rightTags = 0
  /// Words in all.
  public private(set) var tags = 0
  /// Sentences in which every tag is right.
  public private(set) var rightSentences = 0

  /// The harmonic mean of precision and recall of all slots, in percent.
  public var f1: Double { total.f1 }

  /// The score of a corpus.
  ///
  /// - Parameters:
  ///   - hypotheses: the tags of each sentence's words.
  ///   - references: the right ones, as many for each sentence.
  public init(hypotheses: [[String]], references: [[String]]) {
    require(
      hypotheses.count == references.count,
      "SlotScore: \(hypotheses.count) sentences, but references for \(references.count)")
    for (hypothesis, reference) in zip(hypotheses, references) {
      require(
        hypothesis.count == reference.count,
        "SlotScore: \(hypothesis.count) tags, but \(reference.count) in the reference")
      let found = Slot.all(in: hypothesis)
      let wanted = Slot.all(in: reference)
      for slot in found { count(slot) { $0.found += 1 } }
      for slot in wanted { count(slot) { $0.reference += 1 } }
      for slot in Set(found).intersection(wanted) { count(slot) { $0.right += 1 } }
      let right = zip(hypothesis, reference).count { $0 == $1 }
      rightTags += right
      tags += reference.count
      rightSentences += right == reference.count ? 1 : 0
    }
  }

  private mutating func count(_ slot: Slot, _ change: (inout Counts) -> Void) {
    change(&total)
    change(&kinds[slot.kind, default: Counts()])
  }
}

extension SlotScore: CustomStringConvertible {
  /// As in `F1 92.31 precision 91.70 recall 92.93 slots 1790`.
  public var description: String {
    String(
      format: "F1 %.2f precision %.2f recall %.2f slots %d", f1, total.precision, total.recall,
      total.reference)
  }
}

/// A marked part of a sentence.
struct Slot: Hashable {
  let kind: String
  let words: Range<Int>

  /// The slots of a sentence, in their order.
  static func all(in tags: [String]) -> [Slot] {
    var slots: [Slot] = []
    var open: (kind: String, start: Int)?
    for (word, tag) in tags.enumerated() {
      let (mark, kind) = parts(tag)
      if let (openKind, start) = open, mark != "I" || kind != openKind {
        slots.append(Slot(kind: openKind, words: start..<word))
        open = nil
      }
      if mark != "O", open == nil { open = (kind, word) }
    }
    if let (kind, start) = open { slots.append(Slot(kind: kind, words: start..<tags.count)) }
    return slots
  }

  /// `B` and `city` of `B-city`.
  private static func parts(_ tag: String) -> (mark: Substring, kind: String) {
    guard let dash = tag.firstIndex(of: "-") else { return (tag[...], "") }
    return (tag[..<dash], String(tag[tag.index(after: dash)...]))
  }
}
