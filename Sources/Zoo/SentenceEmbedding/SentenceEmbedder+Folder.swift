import FoundationEssentials
import Interchange
import Layers
import SentenceEncoder
import Tasks
import Training

// The folder of a sentence encoder: weights and `config.json` of a `BertModel` with its `vocab.txt`, and what
// sentence-transformers adds, modules.json with the configuration of each module. Without modules a folder is
// read as it is there: the mean of the states, of whatever length.

extension SentenceEmbedder {
  /// The encoder and the tokenizer of a folder.
  ///
  /// - Throws: `FileError` where a file cannot be read, `TensorFileError` or `TextError` where it says
  ///   something that this encoder is not, `WeightsError` where the tensors do not fit.
  public init(contentsOf folder: String) throws {
    let reader = FolderReader(folder: folder)
    let file = try reader.weights()
    let prefix = file.tensors.keys.contains { $0.hasPrefix("bert.embeddings.") } ? "bert." : ""
    let configuration = try reader.configuration()
    if let contradiction = SentenceEncoder<Float>.contradiction(in: configuration) {
      throw reader.error(SentenceFolder.encoder, "sizes of a model", found: contradiction)
    }
    let names = SentenceEncoder<Float>.bertNames(prefix: prefix)
    // Beside a BERT that is a part of a model is that model's head.
    let encoder = try SentenceEncoder<Float>(
      configuration, weights: file.tensors.filter { $0.key.hasPrefix(prefix) },
      from: file.path ?? folder, names: names)
    let slots = try ParameterLayout(of: encoder, names: names).groups.flatMap(\.slots)
    let own = Set(slots.map(\.name))
    let tokenizer = try reader.wordPieces()
    if tokenizer.pieces.count > configuration.vocabulary {
      throw reader.error(
        SentenceFolder.vocabulary, "at most \(configuration.vocabulary) pieces, as the encoder has",
        found: "\(tokenizer.pieces.count)")
    }
    self.init(
      encoder, tokenizer, limit: try reader.limit(positions: configuration.positions),
      others: file.tensors.filter { !own.contains($0.key) }, prefix: prefix)
  }

  /// Writes the folder that `init(contentsOf:)` reads, and transformers and sentence-transformers do.
  /// Tensors of the folder that the encoder came from and has no place for are written back as they were.
  ///
  /// - Throws: `FileError`.
  public func save(toFolder folder: String) throws {
    try createDirectory(folder)
    let configuration = encoder.configuration
    func write(_ value: some Encodable, _ name: String) throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      try AtomicFile.write(
        Array(encoder.encode(value)) + [UInt8(ascii: "\n")], to: "\(folder)/\(name)")
    }
    try write(
      SentenceFolder.Model(configuration, isWhole: prefix.isEmpty), SentenceFolder.encoder)
    try write(SentenceFolder.Tokenizer(tokenizer.words, limit: limit), SentenceFolder.tokenizer)
    try write(
      SentenceFolder.Limit(max_seq_length: limit, do_lower_case: false), SentenceFolder.limit)
    let pooling = "1_Pooling"
    try createDirectory("\(folder)/\(pooling)")
    try write(SentenceFolder.Pooling(configuration), "\(pooling)/\(SentenceFolder.pooling)")
    try write(
      SentenceFolder.Module.all(pooling: pooling, isNormalized: configuration.isNormalized),
      SentenceFolder.modules)
    try AtomicFile.write(tokenizer.text, to: "\(folder)/\(SentenceFolder.vocabulary)")
    var weights = encoder.weights(
      names: SentenceEncoder<Float>.bertNames(prefix: prefix), metadata: ["format": "pt"])
    weights.tensors.merge(others) { own, _ in own }
    try weights.write(to: "\(folder)/model.safetensors")
  }
}

/// Reads the files of a folder.
private struct FolderReader {
  let folder: String

  func error(_ file: String, _ expected: String, found: String) -> TensorFileError {
    TensorFileError(expected, found: found, at: .init(file: "\(folder)/\(file)"))
  }

  /// The tensors, in the form of safetensors or of PyTorch.
  func weights() throws -> TensorFile {
    let pickled = "\(folder)/pytorch_model.bin"
    let hasOther = ["model.safetensors", "model.safetensors.index.json"].contains {
      fileExists("\(folder)/\($0)")
    }
    return try TensorFile(contentsOf: !hasOther && fileExists(pickled) ? pickled : folder)
  }

  func configuration() throws -> SentenceEncoderConfiguration {
    let name = SentenceFolder.encoder
    let bert = try value(SentenceFolder.Model.self, name)
    for (key, value, expected) in [
      ("model_type", bert.model_type, "bert"),
      ("position_embedding_type", bert.position_embedding_type ?? "absolute", "absolute"),
    ] where value != expected {
      throw error(name, "the \(key) '\(expected)'", found: "'\(value)'")
    }
    if bert.hidden_dropout_prob != bert.attention_probs_dropout_prob {
      throw error(
        name, "one rate of dropout",
        found: "\(bert.hidden_dropout_prob) and, of attention, \(bert.attention_probs_dropout_prob)"
      )
    }
    guard let activation = FeedForward<Float>.Activation(rawValue: bert.hidden_act) else {
      throw error(name, "the hidden_act 'gelu' or 'relu'", found: "'\(bert.hidden_act)'")
    }
    let (pooling, isNormalized) = try modules()
    return SentenceEncoderConfiguration(
      vocabulary: bert.vocab_size, size: bert.hidden_size, heads: bert.num_attention_heads,
      innerSize: bert.intermediate_size, layers: bert.num_hidden_layers,
      positions: bert.max_position_embeddings, types: bert.type_vocab_size,
      activation: activation, epsilon: bert.layer_norm_eps, dropout: bert.hidden_dropout_prob,
      pooling: pooling, isNormalized: isNormalized)
  }

  /// What follows the states.
  private func modules() throws -> (
    pooling: SentenceEncoderConfiguration.Pooling, isNormalized: Bool
  ) {
    let name = SentenceFolder.modules
    guard let modules = try optionalValue([SentenceFolder.Module].self, name) else {
      return (.mean, false)
    }
    let ordered = modules.sorted { $0.idx < $1.idx }
    let kinds = ordered.map { $0.type.split(separator: ".").last.map(String.init) ?? "" }
    guard kinds == ["Transformer", "Pooling"] || kinds == ["Transformer", "Pooling", "Normalize"]
    else {
      throw error(
        name, "the modules Transformer, Pooling and perhaps Normalize",
        found: kinds.isEmpty ? "none" : kinds.joined(separator: ", "))
    }
    return (try pooling(in: ordered[1].path), kinds.count == 3)
  }

  private func pooling(in path: String) throws -> SentenceEncoderConfiguration.Pooling {
    let name = path.isEmpty ? SentenceFolder.pooling : "\(path)/\(SentenceFolder.pooling)"
    let modes = try value(SentenceFolder.Pooling.self, name).modes
    switch modes {
    case ["cls_token"]: return .first
    case ["mean_tokens"]: return .mean
    case ["max_tokens"]: return .largest
    default:
      throw error(
        name, "one pooling_mode of cls_token, mean_tokens and max_tokens",
        found: modes.isEmpty ? "none" : modes.joined(separator: " and "))
    }
  }

  func wordPieces() throws -> WordPiece {
    let name = SentenceFolder.tokenizer
    let settings = try optionalValue(SentenceFolder.Tokenizer.self, name)
    for (mark, expected) in [
      (settings?.unk_token, WordPiece.unknown), (settings?.cls_token, WordPiece.start),
      (settings?.sep_token, WordPiece.end), (settings?.pad_token, WordPiece.padding),
      (settings?.mask_token, WordPiece.mask),
    ] {
      if let mark, mark.text != expected {
        throw error(name, "the mark '\(expected)'", found: "'\(mark.text)'")
      }
    }
    let lowercases = settings?.do_lower_case ?? true
    let isSmallBefore =
      try optionalValue(SentenceFolder.Limit.self, SentenceFolder.limit)?.do_lower_case ?? false
    let words = BERTWords(
      lowercases: lowercases || isSmallBefore,
      stripsAccents: settings?.strip_accents ?? lowercases,
      separatesChinese: settings?.tokenize_chinese_chars ?? true)
    let path = "\(folder)/\(SentenceFolder.vocabulary)"
    return try WordPiece(bytes: readFile(path), words: words, file: path)
  }

  /// Numbers of a sentence at most.
  func limit(positions: Int) throws -> Int {
    let own = try optionalValue(SentenceFolder.Limit.self, SentenceFolder.limit)?.max_seq_length
    let tokenizers = try optionalValue(SentenceFolder.Tokenizer.self, SentenceFolder.tokenizer)?
      .model_max_length
    // What transformers writes for none is 10^30.
    let most = min(tokenizers ?? .infinity, Double(positions)).rounded(.down)
    guard let limit = own ?? Int(exactly: most), limit >= 2, limit <= positions else {
      throw error(
        own == nil ? SentenceFolder.tokenizer : SentenceFolder.limit,
        "a length from 2 to the \(positions) positions", found: own.map { "\($0)" } ?? "\(most)")
    }
    return limit
  }

  private func optionalValue<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value?
  {
    fileExists("\(folder)/\(name)") ? try value(type, name) : nil
  }

  private func value<Value: Decodable>(_: Value.Type, _ name: String) throws -> Value {
    let text = String(decoding: try readFile("\(folder)/\(name)"), as: UTF8.self)
    do throws(StrictJSON.Failure) {
      return try StrictJSON.decoded(text)
    } catch {
      throw self.error(name, "JSON of a sentence encoder", found: error.description)
    }
  }
}

// MARK: What is written

extension SentenceFolder.Model {
  fileprivate init(_ configuration: SentenceEncoderConfiguration, isWhole: Bool) {
    self.init(
      architectures: isWhole ? ["BertModel"] : nil, model_type: "bert",
      vocab_size: configuration.vocabulary, hidden_size: configuration.size,
      num_attention_heads: configuration.heads, intermediate_size: configuration.innerSize,
      num_hidden_layers: configuration.layers, max_position_embeddings: configuration.positions,
      type_vocab_size: configuration.types, hidden_act: configuration.activation.rawValue,
      layer_norm_eps: configuration.epsilon, hidden_dropout_prob: configuration.dropout,
      attention_probs_dropout_prob: configuration.dropout, pad_token_id: 0,
      position_embedding_type: "absolute")
  }
}

extension SentenceFolder.Tokenizer {
  fileprivate init(_ words: BERTWords, limit: Int) {
    self.init(
      tokenizer_class: "BertTokenizer", do_lower_case: words.lowercases,
      strip_accents: words.stripsAccents, tokenize_chinese_chars: words.separatesChinese,
      model_max_length: Double(limit), unk_token: .init(WordPiece.unknown),
      cls_token: .init(WordPiece.start), sep_token: .init(WordPiece.end),
      pad_token: .init(WordPiece.padding), mask_token: .init(WordPiece.mask))
  }
}

extension SentenceFolder.Pooling {
  fileprivate init(_ configuration: SentenceEncoderConfiguration) {
    self.init(
      word_embedding_dimension: configuration.size,
      pooling_mode_cls_token: configuration.pooling == .first,
      pooling_mode_mean_tokens: configuration.pooling == .mean,
      pooling_mode_max_tokens: configuration.pooling == .largest,
      pooling_mode_mean_sqrt_len_tokens: false)
  }
}

extension SentenceFolder.Module {
  fileprivate static func all(pooling: String, isNormalized: Bool) -> [Self] {
    let kinds =
      [("", "Transformer"), (pooling, "Pooling")]
      + (isNormalized ? [("2_Normalize", "Normalize")] : [])
    return kinds.enumerated().map { index, kind in
      Self(
        idx: index, name: "\(index)", path: kind.0, type: "sentence_transformers.models.\(kind.1)")
    }
  }
}
