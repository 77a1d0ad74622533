import Autograd
public import CInterface
import Layers
import SentenceEncoder
import SequenceTagger
import ShowAttendTell
import SimpleRNN
import AttentionRNN
import Forecaster
import Seq2Seq
import Speech
import Summarizer
import Transformer

/// The zoo's models, by the names of their recipes, of `Float` and of `Double`.
public let zooModels = ModelLibrary(kinds(Float.self) + kinds(Double.self))

private func kinds<Scalar: FloatingPointScalar>(_: Scalar.Type) -> [ModelKind] {
  [
    ModelKind("simple-rnn", SimpleRNN<Scalar>.self),
    ModelKind("attention-rnn", AttentionRNN<Scalar>.self),
    ModelKind("seq2seq", Seq2Seq<Scalar>.self),
    ModelKind("transformer", Transformer<Scalar>.self),
    ModelKind("summarizer", Summarizer<Scalar>.self),
    ModelKind("forecaster", Forecaster<Scalar>.self),
    ModelKind("tagger", SequenceTagger<Scalar>.self),
    ModelKind("captioner", ShowAttendTell<AdditiveScore<Scalar>>.self),
    ModelKind("speech", CTCRecognizer<Scalar>.self),
    ModelKind("speech", AttentionRecognizer<Scalar>.self),
    ModelKind("sentence-encoder", SentenceEncoder<Scalar>.self),
  ]
}
