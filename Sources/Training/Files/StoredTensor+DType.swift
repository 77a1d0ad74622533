extension StoredTensor {
  /// The type of a tensor's elements, by its name in the file.
  public enum DType: Hashable, Sendable {
    /// `U64`.
    case uint64
    /// `I64`.
    case int64
    /// `F64`: `Double`.
    case float64
    /// `C64`: a complex number of two `Float`s.
    case complex64
    /// `F32`: `Float`.
    case float32
    /// `U32`.
    case uint32
    /// `I32`.
    case int32
    /// `BF16`: the upper half of a `Float`.
    case bfloat16
    /// `F16`: IEEE half precision.
    case float16
    /// `U16`.
    case uint16
    /// `I16`.
    case int16
    /// `F8_E5M2FNUZ`: 8 bits, 5 of exponent, without infinities and without a zero below zero.
    case float8e5m2fnuz
    /// `F8_E4M3FNUZ`: 8 bits, 4 of exponent, without infinities and without a zero below zero.
    case float8e4m3fnuz
    /// `F8_E8M0`: 8 bits of exponent alone.
    case float8e8m0
    /// `F8_E4M3`: 8 bits, 4 of exponent.
    case float8e4m3
    /// `F8_E5M2`: 8 bits, 5 of exponent.
    case float8e5m2
    /// `I8`.
    case int8
    /// `U8`.
    case uint8
    /// `F6_E3M2`: 6 bits, 3 of exponent, packed.
    case float6e3m2
    /// `F6_E2M3`: 6 bits, 2 of exponent, packed.
    case float6e2m3
    /// `F4`: 4 bits, packed.
    case float4
    /// `BOOL`: one byte, 0 or 1.
    case bool
    /// One that this library does not know, by its name in the file.
    case unknown(String)

    /// All that are known, in the order that the reference implementation writes them in.
    public static let known: [DType] = [
      .uint64, .int64, .float64, .complex64, .float32, .uint32, .int32, .bfloat16, .float16,
      .uint16, .int16, .float8e5m2fnuz, .float8e4m3fnuz, .float8e8m0, .float8e4m3, .float8e5m2,
      .int8, .uint8, .float6e3m2, .float6e2m3, .float4, .bool,
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: known.map { ($0.name, $0) })

    /// The type of that name in files.
    public init(name: String) { self = Self.byName[name] ?? .unknown(name) }

    /// The name in files, such as `F32`.
    public var name: String {
      switch self {
      case .uint64: "U64"
      case .int64: "I64"
      case .float64: "F64"
      case .complex64: "C64"
      case .float32: "F32"
      case .uint32: "U32"
      case .int32: "I32"
      case .bfloat16: "BF16"
      case .float16: "F16"
      case .uint16: "U16"
      case .int16: "I16"
      case .float8e5m2fnuz: "F8_E5M2FNUZ"
      case .float8e4m3fnuz: "F8_E4M3FNUZ"
      case .float8e8m0: "F8_E8M0"
      case .float8e4m3: "F8_E4M3"
      case .float8e5m2: "F8_E5M2"
      case .int8: "I8"
      case .uint8: "U8"
      case .float6e3m2: "F6_E3M2"
      case .float6e2m3: "F6_E2M3"
      case .float4: "F4"
      case .bool: "BOOL"
      case .unknown(let name): name
      }
    }

    /// Bits of an element; nil where the type is not known.
    public var bits: Int? {
      switch self {
      case .uint64, .int64, .float64, .complex64: 64
      case .float32, .uint32, .int32: 32
      case .bfloat16, .float16, .uint16, .int16: 16
      case .float8e5m2fnuz, .float8e4m3fnuz, .float8e8m0, .float8e4m3, .float8e5m2: 8
      case .int8, .uint8, .bool: 8
      case .float6e3m2, .float6e2m3: 6
      case .float4: 4
      case .unknown: nil
      }
    }

    /// Whether the elements are read as numbers that a parameter takes.
    var isReal: Bool {
      switch self {
      case .float64, .float32, .float16, .bfloat16: true
      default: false
      }
    }

    /// Whether the elements are whole numbers.
    package var isWhole: Bool {
      switch self {
      case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64: true
      default: false
      }
    }

    /// The place in the order of types, which a file has downwards: large elements first, so that
    /// each tensor is aligned; the unknown last, where they move nothing.
    var rank: Int { Self.known.firstIndex(of: self).map { Self.known.count - $0 } ?? 0 }
  }
}
