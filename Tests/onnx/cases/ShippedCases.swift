import AttentionRNN
import Forecaster
import Layers
import Pretrained
import Seq2Seq
import SequenceTagger
import ShowAttendTell
import Training

/// The models whose weights ship, as they were trained.
func shippedCases() throws -> [Case] {
  func path(_ name: String) -> String { Pretrained.path(of: name)! }
  typealias Captioner = ShowAttendTell<AdditiveScore<Float>>
  return [
    Case(
      "shipped-attention-rnn", try AttentionRNN<Float>(contentsOf: path("attention-rnn")),
      isTrained: true
    ) { classify(&$0, $1) },
    Case(
      "shipped-forecaster", try Forecaster<Float>(contentsOf: path("forecaster")), isTrained: true
    ) { forecast(&$0, $1) },
    Case("shipped-tagger", try SequenceTagger<Float>(contentsOf: path("tagger")), isTrained: true) {
      tag(&$0, $1)
    },
    Case("shipped-seq2seq", try Seq2Seq<Float>(contentsOf: path("seq2seq")), isTrained: true) {
      write(&$0, $1)
    },
    Case("shipped-captioner", try Captioner(contentsOf: path("captioner")), isTrained: true) {
      caption(&$0, $1)
    },
  ]
}
