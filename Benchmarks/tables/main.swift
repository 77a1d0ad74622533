// How long a table takes to be read: `tables FILE ROUNDS` prints the rows, and the seconds of each round.
import DataFiles
import Platform

let arguments = CommandLine.arguments.dropFirst()
guard let path = arguments.first, let rounds = arguments.last.flatMap({ Int($0) }) else {
  CurrentProcess.end(saying: "tables FILE ROUNDS: reads a file of comma-separated values")
}
do {
  for _ in 0..<rounds {
    let start = MonotonicClock.seconds
    let table = try Table(contentsOf: path)
    let seconds = MonotonicClock.seconds - start
    print(table.rowCount, seconds)
  }
} catch {
  CurrentProcess.end(saying: "tables: \(error)")
}
