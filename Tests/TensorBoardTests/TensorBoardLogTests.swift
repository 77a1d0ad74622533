import Autograd
import DataFiles
import Foundation
import Layers
import TensorBoard
import Testing
import Training

@Suite struct TensorBoardLogTests {
  /// Calls `body` with an empty directory.
  private func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    let directory = FileManager.default.temporaryDirectory.path + "/tapestry-\(UUID().uuidString)"
    try createDirectory(directory)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    return try body(directory)
  }

  private static let fixture = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures/events").path

  /// What `Tests/tensorboard/make_fixture.py` writes by TensorBoard's own messages.
  private func write(_ log: TensorBoardLog, from step: Int = 0) throws {
    if step == 0 { try log.addScalar("loss", 0.25, step: 0) }
    if step <= 7 { try log.addScalars([("train/a", -1), ("train/ä", 1e30)], step: 7) }
    if step <= 300 {
      let numbers = [0.5, -2, 0.25, .nan, 0.25, 1e-13, .infinity, 1e25, 0]
      try log.addHistogram("weights", Tensor(numbers), step: 300)
    }
    try log.addHistogram("nothing", [.nan], step: 300)
    try log.addScalar("loss", 3, step: 1 << 40)
  }

  /// A second for each event, from one and a half.
  private func clock(from start: Double = 1.5) -> () -> Double {
    var time = start - 1
    return {
      time += 1
      return time
    }
  }

  @Test func `events are TensorBoard's, byte for byte`() throws {
    try withTemporaryDirectory { directory in
      // The first look at the clock is the first event's; the file begins with one of that time.
      var times = [2.5, 3.5, 4.5, 5.5].makeIterator()
      let log = TensorBoardLog(directory: directory, clock: { times.next()! })
      #expect(!FileManager.default.fileExists(atPath: log.path))
      try write(log)
      var expected = try readFile(Self.fixture)
      // The fixture's first record is older than its first event; 12 bytes before it and a tag.
      let found = try readFile(log.path)
      #expect(found.count == expected.count)
      let version = 12 + 1..<12 + 9
      #expect(Array(found[version]) == bytes(2.5))
      #expect(Array(expected[version]) == bytes(1.5))
      // Its check follows its 25 bytes.
      let first = 0..<12 + 24 + 4
      expected.replaceSubrange(first, with: found[first])
      #expect(found == expected)
    }
  }

  private func bytes(_ number: Double) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
  }

  @Test(arguments: [0, 6, 7, 299, 300, 1 << 39, 1 << 40, .max])
  func `a file that is gone on with keeps the events up to a step`(step: Int) throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/events.out.tfevents.tapestry"
      let whole = try readFile(Self.fixture)
      // A crash has cut a record that follows.
      try AtomicFile.write(whole + whole[..<30], to: path)
      let log = TensorBoardLog(directory: directory, resumingAt: step, clock: { 6.5 })
      #expect(try readFile(path).count == whole.count + 30)
      try log.addScalar("more", 1, step: step)
      let found = try readFile(path)
      let kept = zip(found, whole).prefix { $0 == $1 }.count
      let again = TensorBoardLog(directory: directory, resumingAt: step, clock: { 6.5 })
      try again.addScalar("more", 1, step: step)
      // The event of that step is kept, and one more like it.
      #expect(try readFile(path).starts(with: found))
      let records = [0, 7, 300, 1 << 40].count { $0 <= step }
      #expect(try self.records(found) == 1 + records + 1)
      #expect(kept <= found.count)
    }
  }

  /// The number of records, by their lengths.
  private func records(_ file: [UInt8]) throws -> Int {
    var (count, place) = (0, 0)
    while place < file.count {
      let length = file[place..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
      place += 12 + length + 4
      count += 1
    }
    #expect(place == file.count)
    return count
  }

  @Test func `a file of any other bytes is begun anew, and never a trap`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/events.out.tfevents.tapestry"
      let whole = try readFile(Self.fixture)
      // The records of numbers, and parts of the long one of a histogram.
      for place in whole.indices where place < 240 || place % 511 == 0 {
        var damaged = whole
        damaged[place] ^= 0xFF
        try damaged.withUnsafeBytes { try Data($0).write(to: URL(filePath: path)) }
        let log = TensorBoardLog(directory: directory, resumingAt: 1 << 50)
        try log.addScalar("a", 1, step: 0)
        #expect(try records(readFile(path)) <= 6)
      }
    }
  }

  @Test func `attention is a picture of squares`() throws {
    try withTemporaryDirectory { directory in
      let log = TensorBoardLog(directory: directory)
      let weights = Tensor<Float>([[0, 0.5, 1], [.nan, 2, -1]])
      try log.addAttention("attention", weights, step: 1)
      let file = try readFile(log.path)
      let start = try #require(file.indices.first { file[$0...].starts(with: [0x89, 0x50, 0x4E]) })
      let picture = try RasterImage(parsing: Array(file[start..<file.count - 4]), file: "picture")
      #expect(picture.width == 48 && picture.height == 32 && picture.channels == .gray)
      let shades = [0, 16].map { y in [0, 16, 47].map { picture.samples[y * 48 + $0] } }
      #expect(shades == [[255, 127, 0], [255, 0, 255]])
    }
  }

  @Test func `a directory that is not there is told`() {
    let log = TensorBoardLog(directory: "/nowhere")
    #expect(throws: FileError.self) { try log.addScalar("a", 1, step: 0) }
  }
}

@Suite struct TensorBoardObserverTests {
  @Test func `a training's lines, histograms and pictures have their names`() throws {
    let directory =
      FileManager.default.temporaryDirectory.path + "/tapestry-\(UUID().uuidString)/new"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var generator = Generator(seed: 1)
    let model = Linear<Float>(inputs: 2, outputs: 1, using: &generator)
    var pictures = 0
    let observer = TensorBoardObserver(
      directory: directory, scalarsEvery: 2, histogramsEvery: 3,
      attention: {
        pictures += 1
        return [("first", Tensor([[0, 1]]))]
      })
    var monitor = try TrainingMonitor([observer], model: model)
    for _ in 0..<6 {
      let (loss, gradients) = valueWithGradient(at: model) { $0(Tensor([[1, 2]])).sum() }
      try monitor.step(loss: Double(loss.scalar), examples: 1, gradients: gradients)
    }
    try monitor.evaluate(Metrics(["PER": 3]))
    try monitor.finishEpoch()
    try monitor.end()
    #expect(pictures == 1)
    let text = String(
      decoding: try readFile("\(directory)/events.out.tfevents.tapestry"), as: UTF8.self)
    for (name, count) in [
      ("train/loss", 3), ("train/gradient_norm", 3), ("train/learning_rate", 0),
      ("parameters/weight", 2), ("gradients/weight", 2), ("parameters/bias", 2),
      ("evaluation/PER", 1), ("attention/first", 1), ("train/epoch_loss", 1),
    ] {
      #expect(text.ranges(of: name).count == count, "\(name)")
    }
  }
}
