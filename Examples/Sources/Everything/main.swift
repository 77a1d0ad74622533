// Imports every library of the package, as a debug build of a user's compiles it.
import ArticleExamples
import AttentionRNN
import Autograd
import CInterface
import DataFiles
import Datasets
import Distributed
import Forecaster
import Interchange
import Layers
import ONNX
import Pretrained
import Pronunciation
import SentenceEmbedding
import SentenceEncoder
import Seq2Seq
import SequenceTagger
import Sequences
import ShowAttendTell
import SimpleRNN
import Speech
import Summarizer
import Tasks
import TensorBoard
import Training
import Transformer
import ZooONNX

print(sqrt(Tensor<Float>([4])).scalar)
