import DataFiles
