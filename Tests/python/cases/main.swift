// What Python is to find again: `python-cases FOLDER` writes a folder for each case into one, with the model, inputs,
// outputs, and losses and weights of some training steps, all by the models' own functions;
// `python-cases --time MODEL` says how long calls of an attention-rnn in a folder take.
import Autograd
import Platform

let arguments = CommandLine.arguments.dropFirst()
switch (arguments.count, arguments.first) {
case (2, "--time"):
  try timeCalls(ofModelAt: arguments.last!)
case (1, let folder?):
  for one in try zooCases() { try one.write(to: "\(folder)/\(one.name)") }
default:
  fatalError("python-cases FOLDER, or python-cases --time MODEL")
}
