import ZooCInterface

/// `tapestry_open` of `Python/tapestry.h`, for the zoo's models.
@c(tapestry_open)
public func open(
  _ path: UnsafePointer<CChar>?, _ kind: UnsafePointer<CChar>?, _ scalar: Int32
) -> Int64 { zooModels.open(path, kind, scalar) }

/// `tapestry_create` of `Python/tapestry.h`, for the zoo's models.
@c(tapestry_create)
public func create(
  _ kind: UnsafePointer<CChar>?, _ configuration: UnsafePointer<CChar>?, _ seed: UInt64,
  _ scalar: Int32
) -> Int64 { zooModels.create(kind, configuration, seed, scalar) }
