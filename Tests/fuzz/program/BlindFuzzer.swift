#if !FUZZER
  import Foundation
  import Interchange

  /// What stands in for libFuzzer where the library was compiled without its counters: the inputs of the corpus as they
  /// are, and then changed at random, without a look at what they reach.
  struct BlindFuzzer {
    private let target: Target
    private let corpus: [[UInt8]]
    private var generator = Generator(seed: 1)

    /// - Parameter corpus: folders and files.
    init(_ target: Target, corpus: some Sequence<String>) {
      self.target = target
      var inputs: [[UInt8]] = []
      for path in corpus {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted()
        for file in names.map({ $0.map { "\(path)/\($0)" } }) ?? [path] {
          guard let content = FileManager.default.contents(atPath: file) else {
            fatalError("fuzz: \(file) cannot be read")
          }
          inputs.append(Array(content))
        }
      }
      self.corpus = inputs.isEmpty ? [[]] : inputs
    }

    /// Runs for a time, with the same inputs in the same order each time.
    mutating func run(seconds: Double) {
      for input in corpus { target.run(input) }
      let clock = ContinuousClock()
      let end = clock.now + .seconds(seconds)
      var count = corpus.count
      while clock.now < end {
        target.run(changed())
        count += 1
      }
      print("\(target.name): \(count) inputs")
    }

    private mutating func number(below limit: Int) -> Int {
      Int.random(in: 0..<max(limit, 1), using: &generator)
    }

    /// An input of the corpus with some bytes changed, put in, taken out or taken from another.
    private mutating func changed() -> [UInt8] {
      var input = corpus[number(below: corpus.count)]
      for _ in 0...number(below: 4) {
        let place = number(below: input.count + 1)
        switch number(below: 5) {
        case 0 where place < input.count: input[place] = UInt8(number(below: 256))
        case 1 where place < input.count: input[place] ^= 1 << UInt8(number(below: 8))
        case 2: input.insert(UInt8(number(below: 256)), at: place)
        case 3: input.removeSubrange(place..<min(input.count, place + 1 + number(below: 8)))
        default:
          let other = corpus[number(below: corpus.count)]
          let start = number(below: other.count + 1)
          input.insert(contentsOf: other[start...].prefix(number(below: 32)), at: place)
        }
      }
      return input
    }
  }
#endif
