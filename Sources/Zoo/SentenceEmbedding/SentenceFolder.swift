/// The files of a folder in the form of sentence-transformers, as far as they say something of a model.
enum SentenceFolder {
  static let encoder = "config.json"
  static let vocabulary = "vocab.txt"
  static let tokenizer = "tokenizer_config.json"
  static let modules = "modules.json"
  static let limit = "sentence_bert_config.json"
  static let pooling = "config.json"

  /// `config.json`: sizes and options of Hugging Face's `BertModel`.
  struct Model: Codable {
    var architectures: [String]?
    var model_type: String
    var vocab_size: Int
    var hidden_size: Int
    var num_attention_heads: Int
    var intermediate_size: Int
    var num_hidden_layers: Int
    var max_position_embeddings: Int
    var type_vocab_size: Int
    var hidden_act: String
    var layer_norm_eps: Double
    var hidden_dropout_prob: Double
    var attention_probs_dropout_prob: Double
    var pad_token_id: Int?
    var position_embedding_type: String?
  }

  /// `tokenizer_config.json`: those of `BertTokenizer`. What is absent has the values that stand there.
  struct Tokenizer: Codable {
    var tokenizer_class: String?
    var do_lower_case: Bool?
    var strip_accents: Bool?
    var tokenize_chinese_chars: Bool?
    /// A floating-point number, as it is 1e30 where nobody has said one.
    var model_max_length: Double?
    var unk_token: Mark?
    var cls_token: Mark?
    var sep_token: Mark?
    var pad_token: Mark?
    var mask_token: Mark?
  }

  /// A mark: its text, or an object that has it.
  struct Mark: Codable {
    let text: String

    init(_ text: String) { self.text = text }

    private enum CodingKeys: String, CodingKey { case content }

    init(from decoder: any Decoder) throws {
      if let text = try? decoder.singleValueContainer().decode(String.self) {
        self.text = text
      } else {
        text = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .content)
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(text)
    }
  }

  /// An entry of `modules.json`: what is done with a sentence, in the order of the entries.
  struct Module: Codable {
    var idx: Int
    var name: String
    var path: String
    /// A class of Python, of which the last part counts.
    var type: String
  }

  /// The configuration of the module `Pooling`.
  struct Pooling: Codable {
    var word_embedding_dimension: Int?
    var pooling_mode_cls_token: Bool?
    var pooling_mode_mean_tokens: Bool?
    var pooling_mode_max_tokens: Bool?
    var pooling_mode_mean_sqrt_len_tokens: Bool?
    var pooling_mode_weightedmean_tokens: Bool?
    var pooling_mode_lasttoken: Bool?

    /// The names of the modes that are chosen.
    var modes: [String] {
      [
        ("cls_token", pooling_mode_cls_token), ("mean_tokens", pooling_mode_mean_tokens),
        ("max_tokens", pooling_mode_max_tokens),
        ("mean_sqrt_len_tokens", pooling_mode_mean_sqrt_len_tokens),
        ("weightedmean_tokens", pooling_mode_weightedmean_tokens),
        ("lasttoken", pooling_mode_lasttoken),
      ].filter { $0.1 == true }.map(\.0)
    }
  }

  /// `sentence_bert_config.json`
  struct Limit: Codable {
    var max_seq_length: Int?
    var do_lower_case: Bool?
  }
}
