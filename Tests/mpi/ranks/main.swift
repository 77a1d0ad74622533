// What ranks do together, compared with what a plain loop over all ranks' numbers gives.
//
//   mpirun -n 3 mpi-ranks collectives
//   mpirun -n 3 mpi-ranks training DIRECTORY
//   mpi-ranks compare DIRECTORY DIRECTORY TOLERANCE
//
// Each rank checks its own results; whoever finds a difference says so and ends the job. Rank 0 ends
// with a line that says how much was compared.
import Autograd
import Distributed
import Platform
import Training

let words = Array(CommandLine.arguments.dropFirst())
let rest = Array(words.dropFirst())
do {
  try ProcessGroup.whileOpen { group in
    switch (words.first, group) {
    case ("collectives", let group?): try Collectives(group).run()
    case ("refused", let group?): try refusals(group)
    case ("training", _): try SmallTraining(group, rest).run()
    case ("compare", _): try compare(rest)
    default: throw Difference("see the beginning of main.swift; ranks are started by a launcher")
    }
  }
} catch {
  try? StandardStream.error.write("\(error)\n")
  CurrentProcess.end(status: 2)
}

/// What was expected, and what was found.
struct Difference: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
