package import Training

/// What a pickle stands for, as far as files of tensors need it.
package enum PickleValue {
  case none
  case truth(Bool)
  case number(Int)
  case real(Double)
  case text(String)
  case tuple(PickleList)
  case list(PickleList)
  case dictionary(PickleDictionary)
  /// A class or function, of which nothing but the name is known.
  indirect case name(module: String, name: String)
  indirect case storage(PyTorchStorage)
  indirect case tensor(StoredTensor)
}

/// What a pickle has made of values within values.
package class PickleContainer {
  /// Lets go of what is in it.
  func empty() {}
}

/// A list that grows while it is read, so that who refers to it sees that; or a tuple.
package final class PickleList: PickleContainer {
  package var elements: [PickleValue]

  fileprivate init(_ elements: [PickleValue] = []) { self.elements = elements }

  override func empty() { elements = [] }
}

/// A dictionary that grows while it is read, in the order of its pairs.
package final class PickleDictionary: PickleContainer {
  var pairs: [(key: PickleValue, value: PickleValue)] = []

  override fileprivate init() {}
  override func empty() { pairs = [] }
}

/// All containers of a pickle, for as long as somebody looks at its values.
///
/// A file may have a tuple in a tuple a million times, and a list that is in itself. Freed from the outermost to the
/// innermost they would end the stack, or never be freed: each is emptied by itself here.
package final class PickleContainers {
  private var all: [PickleContainer] = []

  package init() {}

  func list(_ elements: [PickleValue] = []) -> PickleList {
    let list = PickleList(elements)
    all.append(list)
    return list
  }

  func dictionary() -> PickleDictionary {
    let dictionary = PickleDictionary()
    all.append(dictionary)
    return dictionary
  }

  deinit {
    for container in all { container.empty() }
  }
}

/// The machine that a pickle is a program for, without everything that could run something: no class is
/// looked up, no function called. Names that PyTorch's tensors need are answered by the caller; every
/// other one, and every instruction that is not of use here, is refused by its name.
///
/// The instructions are described in Python's `pickletools.py`.
package struct Unpickler {
  /// What a function of that name makes of its arguments; nil where it is not known.
  package typealias Call = (_ module: String, _ name: String, _ arguments: [PickleValue])
    throws(PickleFailure) -> PickleValue?
  /// What a persistent identifier stands for.
  package typealias Lookup = (PickleValue) throws(PickleFailure) -> PickleValue

  private let bytes: ArraySlice<UInt8>
  private var index: Int
  private var stack: [PickleValue] = []
  /// Heights of the stack at the marks.
  private var marks: [Int] = []
  private var memory: [Int: PickleValue] = [:]
  private let containers: PickleContainers
  private let call: Call
  private let lookup: Lookup

  /// - Parameter containers: what keeps the values; it has to outlive them.
  package init(
    _ bytes: ArraySlice<UInt8>, in containers: PickleContainers, call: @escaping Call,
    lookup: @escaping Lookup
  ) {
    self.bytes = bytes
    self.containers = containers
    index = bytes.startIndex
    self.call = call
    self.lookup = lookup
  }

  /// Runs the program to its end.
  package mutating func value() throws(PickleFailure) -> PickleValue {
    while true {
      let opcode = try byte()
      guard let instruction = Opcode(rawValue: opcode) else {
        throw failure("instruction 0x\(String(opcode, radix: 16)), which tensors do not need")
      }
      if instruction == .stop { return try pop() }
      try run(instruction)
    }
  }

  private enum Opcode: UInt8 {
    case mark = 0x28
    case stop = 0x2E
    case binInt = 0x4A
    case binInt1 = 0x4B
    case binInt2 = 0x4D
    case none = 0x4E
    case binPersistentID = 0x51
    case reduce = 0x52
    case binUnicode = 0x58
    case emptyList = 0x5D
    case append = 0x61
    case build = 0x62
    case global = 0x63
    case appends = 0x65
    case binGet = 0x68
    case longBinGet = 0x6A
    case binPut = 0x71
    case longBinPut = 0x72
    case setItem = 0x73
    case tuple = 0x74
    case setItems = 0x75
    case emptyDictionary = 0x7D
    case emptyTuple = 0x29
    case binFloat = 0x47
    case proto = 0x80
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case newTrue = 0x88
    case newFalse = 0x89
    case long1 = 0x8A
    case shortBinUnicode = 0x8C
    case binUnicode8 = 0x8D
    case stackGlobal = 0x93
    case memoize = 0x94
    case frame = 0x95
  }

  private mutating func run(_ opcode: Opcode) throws(PickleFailure) {
    switch opcode {
    case .stop: break
    case .proto:
      let version = try byte()
      if !(2...5).contains(version) { throw failure("protocol \(version)") }
    case .frame: _ = try number(8)
    case .mark: marks.append(stack.count)
    case .none: stack.append(.none)
    case .newTrue: stack.append(.truth(true))
    case .newFalse: stack.append(.truth(false))
    case .binInt: stack.append(.number(Int(Int32(truncatingIfNeeded: try number(4)))))
    case .binInt1: stack.append(.number(try number(1)))
    case .binInt2: stack.append(.number(try number(2)))
    case .long1: try pushLong()
    case .binFloat:
      let bits = try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      stack.append(.real(Double(bitPattern: bits)))
    case .shortBinUnicode: try pushText(count: try number(1))
    case .binUnicode: try pushText(count: try number(4))
    case .binUnicode8: try pushText(count: try number(8))
    case .emptyTuple: stack.append(.tuple(containers.list()))
    case .tuple1: try pushTuple(1)
    case .tuple2: try pushTuple(2)
    case .tuple3: try pushTuple(3)
    case .tuple: stack.append(.tuple(containers.list(try popToMark())))
    case .emptyList: stack.append(.list(containers.list()))
    case .emptyDictionary: stack.append(.dictionary(containers.dictionary()))
    case .append:
      let element = try pop()
      try add([element])
    case .appends:
      let elements = try popToMark()
      try add(elements)
    case .setItem:
      let value = try pop()
      let key = try pop()
      try set([key, value])
    case .setItems:
      let pairs = try popToMark()
      try set(pairs)
    default: try runByName(opcode)
    }
  }

  /// The instructions that deal with the memory, with names and with objects.
  private mutating func runByName(_ opcode: Opcode) throws(PickleFailure) {
    switch opcode {
    case .binPut: memory[try number(1)] = try top()
    case .longBinPut: memory[try number(4)] = try top()
    case .memoize: memory[memory.count] = try top()
    case .binGet: try recall(number(1))
    case .longBinGet: try recall(number(4))
    case .global: stack.append(.name(module: try line(), name: try line()))
    case .stackGlobal:
      guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
        throw failure("a name that is none")
      }
      stack.append(.name(module: module, name: name))
    case .binPersistentID: stack.append(try lookup(try pop()))
    case .reduce:
      guard case .tuple(let arguments) = try pop(), case .name(let module, let name) = try pop()
      else { throw failure("a call of something that is no function") }
      guard let result = try call(module, name, arguments.elements) else {
        throw failure("\(module).\(name), which tensors do not need; nothing was run")
      }
      stack.append(result)
    case .build:
      // The attributes of an ordered dictionary, such as the versions of a model's layers.
      _ = try pop()
      guard case .dictionary = try top() else {
        throw failure("attributes of something that is no dictionary")
      }
    default: throw failure("instruction \(opcode)")
    }
  }

  // MARK: The stack

  private func failure(_ found: String) -> PickleFailure {
    PickleFailure(found: found, offset: index - bytes.startIndex)
  }

  private mutating func pop() throws(PickleFailure) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw failure("an instruction without what it needs")
    }
    return value
  }

  private func top() throws(PickleFailure) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw failure("an instruction without what it needs")
    }
    return value
  }

  private mutating func popToMark() throws(PickleFailure) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw failure("an instruction without its mark") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  private mutating func pushTuple(_ count: Int) throws(PickleFailure) {
    var values: [PickleValue] = []
    for _ in 0..<count { values.insert(try pop(), at: 0) }
    stack.append(.tuple(containers.list(values)))
  }

  private func add(_ values: [PickleValue]) throws(PickleFailure) {
    guard case .list(let list) = try top() else { throw failure("an element of no list") }
    list.elements += values
  }

  private func set(_ values: [PickleValue]) throws(PickleFailure) {
    guard case .dictionary(let dictionary) = try top(), values.count % 2 == 0 else {
      throw failure("a pair of no dictionary")
    }
    for index in stride(from: 0, to: values.count, by: 2) {
      dictionary.pairs.append((values[index], values[index + 1]))
    }
  }

  private mutating func recall(_ place: Int) throws(PickleFailure) {
    guard let value = memory[place] else { throw failure("a value that was not kept") }
    stack.append(value)
  }

  // MARK: Bytes

  private mutating func take(_ count: Int) throws(PickleFailure) -> ArraySlice<UInt8> {
    guard count <= bytes.endIndex - index else { throw failure("the end of the pickle") }
    defer { index += count }
    return bytes[index..<(index + count)]
  }

  private mutating func byte() throws(PickleFailure) -> UInt8 { try take(1).first! }

  private mutating func number(_ count: Int) throws(PickleFailure) -> Int {
    let bytes = try take(count)
    return LittleEndian(bytes).number(bytes.startIndex, count)
  }

  private mutating func pushText(count: Int) throws(PickleFailure) {
    guard let text = String(validating: try take(count), as: UTF8.self) else {
      throw failure("text that is not UTF-8")
    }
    stack.append(.text(text))
  }

  private mutating func pushLong() throws(PickleFailure) {
    let bytes = try take(try number(1))
    guard bytes.count <= 8 else { throw failure("a number of more than 64 bits") }
    var bits = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    if let last = bytes.last, last & 0x80 != 0, bytes.count < 8 {
      bits |= ~UInt64(0) << UInt64(8 * bytes.count)
    }
    stack.append(.number(Int(Int64(bitPattern: bits))))
  }

  private mutating func line() throws(PickleFailure) -> String {
    guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n")),
      let text = String(validating: bytes[index..<end], as: UTF8.self)
    else { throw failure("a name without an end") }
    index = end + 1
    return text
  }
}

/// What a pickle has that it may not have, and after which of its bytes.
package struct PickleFailure: Error {
  let found: String
  var offset: Int?
}
