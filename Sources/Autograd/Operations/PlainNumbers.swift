// A file that imports this module alone has the functions of plain numbers beside those of tensors
// (`Mathematics.swift`): all else in `Platform` is for this package.
@_exported public import Platform
