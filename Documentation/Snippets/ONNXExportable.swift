// file
typealias MyModel = ExampleModel
