/// A field of a recipe's settings that an option of the command line sets.
package struct Setting<Settings: RecipeSettings>: Sendable {
  /// The option; its default is that of the settings.
  package let option: any AnyOption
  /// Whether it matters when a trained model is used, and not only in training.
  let isForUse: Bool
  /// Takes over what was given.
  let apply: @Sendable (Arguments, inout Settings) -> Void
  /// Throws `UsageError` where the field has a value that the option would refuse.
  let check: @Sendable (Settings) throws(UsageError) -> Void

  private init<Value: Equatable>(
    _ option: Option<Value>, _ field: WritableKeyPath<Settings, Value> & Sendable, _ isForUse: Bool,
    text: @escaping @Sendable (Value) -> String? = { _ in nil }
  ) {
    check = { settings throws(UsageError) in
      if let text = text(settings[keyPath: field]) { _ = try option.value(of: text) }
    }
    self.option = option
    self.isForUse = isForUse
    apply = { arguments, settings in
      if arguments.isGiven(option) { settings[keyPath: field] = arguments[option] }
    }
  }

  init(
    option: any AnyOption, isForUse: Bool,
    apply: @escaping @Sendable (Arguments, inout Settings) -> Void
  ) {
    self.option = option
    self.isForUse = isForUse
    self.apply = apply
    check = { _ in }
  }
}

extension Setting {
  typealias Field<Value> = WritableKeyPath<Settings, Value> & Sendable

  static func integer(
    _ name: String, _ field: Field<Int>, in range: ClosedRange<Int>, help: String,
    isForUse: Bool = false
  ) -> Setting {
    Setting(
      .integer(name, in: range, default: Settings()[keyPath: field], help: help), field, isForUse,
      text: { "\($0)" })
  }

  static func number(
    _ name: String, _ field: Field<Double>, in range: ClosedRange<Double>, help: String
  ) -> Setting {
    Setting(
      .number(name, in: range, default: Settings()[keyPath: field], help: help), field, false,
      text: { "\($0)" })
  }

  /// A file; nil unless it is given.
  static func file(
    _ name: String, _ field: Field<String?>, help: String, isForUse: Bool = false
  ) -> Setting {
    Setting(.text(name, "FILE", help: help), field, isForUse)
  }

  /// A folder; nil unless it is given.
  static func folder(
    _ name: String, _ field: Field<String?>, help: String, isForUse: Bool = false
  ) -> Setting {
    Setting(.text(name, "FOLDER", help: help), field, isForUse)
  }

  /// One of the names of an enumeration.
  static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
    _ name: String, _ field: Field<Choice>, help: String
  ) -> Setting where Choice.RawValue == String {
    let option = Option<String>.choice(
      name, of: Choice.allCases.map(\.rawValue), default: Settings()[keyPath: field].rawValue,
      help: help)
    return Setting(option: option, isForUse: false) { arguments, settings in
      if arguments.isGiven(option) {
        settings[keyPath: field] = Choice(rawValue: arguments[option])!
      }
    }
  }

  /// The task. It stands first: what it makes of the settings is what they are unless others are
  /// given.
  static func task<Task: RawRepresentable & CaseIterable & Equatable & Sendable>(
    _ field: KeyPath<Settings, Task> & Sendable, help: String,
    usual: @escaping @Sendable (Task) -> Settings
  ) -> Setting where Task.RawValue == String {
    let option = Option<String>.choice(
      "task", of: Task.allCases.map(\.rawValue), default: Settings()[keyPath: field].rawValue,
      help: help)
    return Setting(option: option, isForUse: false) { arguments, settings in
      guard arguments.isGiven(option) else { return }
      let chosen = Task(rawValue: arguments[option])!
      if chosen != settings[keyPath: field] { settings = usual(chosen) }
    }
  }
}
