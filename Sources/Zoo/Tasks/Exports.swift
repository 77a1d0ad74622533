// What is wrong with a file is told by its errors.
@_exported import DataFiles
