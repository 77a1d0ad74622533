// Who imports this floor has what it is made of: models load and save by the names of `NameMap`.
@_exported public import Autograd
@_exported public import DataFiles
@_exported public import Layers
@_exported public import Training
