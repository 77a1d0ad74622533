// Who describes a model to other languages has what models are made of.
@_exported public import Interchange
