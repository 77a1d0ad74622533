// The data sets are made of its files, and throw its errors.
@_exported public import DataFiles
