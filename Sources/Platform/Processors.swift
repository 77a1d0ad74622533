#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The machine's processors.
package enum Processors {
  /// How many of them there are.
  package static var online: Int { max(Int(sysconf(CInt(_SC_NPROCESSORS_ONLN))), 1) }

  /// How many of them this process may use.
  package static var count: Int {
    let online = online
    // The bits of a mask, `00000000,0000000f`, because Swift does not see `sched_getaffinity`.
    guard let mask = ProcessStatus["Cpus_allowed"] else { return online }
    let allowed = mask.reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
    return allowed > 0 ? allowed : online
  }

  /// What they can do beyond the least of their architecture, by the names that Linux has for it,
  /// as `avx2`; empty where nobody tells. Of x86, what the kernels here need is asked from the processor, if the
  /// C library does that, for whatever is in `/proc` may be another's: under an emulator, the host's.
  package static var features: Set<String> {
    #if canImport(Darwin)
      let names = ["features", "leaf7_features", "extfeatures"]
      let words = names.flatMap {
        text(ofKey: "machdep.cpu.\($0)").lowercased().split(separator: " ")
      }
      // Linux has the name of AMD for it.
      return Set(words.map { $0 == "lzcnt" ? "abm" : String($0) })
    #else
      if let asked = askedFeatures { return asked }
      // The kernel lists a set only where it saves the set's registers too, which CPUID alone does
      // not tell. The first processor's lines are enough.
      guard
        let bytes = try? FileDescriptor("/proc/cpuinfo", for: .reading).read(upTo: 1 << 14),
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
          .first(where: { $0.hasPrefix("flags") || $0.hasPrefix("Features") })
      else { return [] }
      return Set(line.split(separator: " ").map(String.init))
    #endif
  }

  #if canImport(Glibc) && arch(x86_64)
    /// A part of the answer to CPUID, in the order of glibc's `sys/platform/x86.h`.
    private enum Leaf: CUnsignedInt {
      case basic, extended7, extended80000001
    }

    /// A word of the answer.
    private enum Word: Int {
      case ebx = 1
      case ecx = 2
    }

    /// Where a feature's bit is (Intel's manual, volume 2A, CPUID).
    private static let places: [(name: String, leaf: Leaf, word: Word, bit: Int)] = [
      ("fma", .basic, .ecx, 12), ("movbe", .basic, .ecx, 22), ("f16c", .basic, .ecx, 29),
      ("bmi1", .extended7, .ebx, 3), ("avx2", .extended7, .ebx, 5), ("bmi2", .extended7, .ebx, 8),
      ("avx512f", .extended7, .ebx, 16), ("avx512dq", .extended7, .ebx, 17),
      ("avx512cd", .extended7, .ebx, 28), ("avx512bw", .extended7, .ebx, 30),
      ("avx512vl", .extended7, .ebx, 31), ("abm", .extended80000001, .ecx, 5),
    ]

    /// What the C library has asked the processor (CPUID) and found usable, which includes that the system
    /// saves the registers; nil where it does not tell (glibc before 2.33).
    private static var askedFeatures: Set<String>? {
      // Looked up by name: the header with it is not among those that Swift sees, and an older library has none.
      guard let address = dlsym(nil, "__x86_get_cpuid_feature_leaf") else { return nil }
      typealias Ask = @convention(c) (CUnsignedInt) -> UnsafePointer<CUnsignedInt>?
      let ask = unsafeBitCast(address, to: Ask.self)
      var features: Set<String> = []
      for place in places {
        // Four words of what there is, and four of what is usable.
        guard let words = ask(place.leaf.rawValue) else { return nil }
        if words[4 + place.word.rawValue] >> place.bit & 1 == 1 { features.insert(place.name) }
      }
      return features
    }
  #else
    private static var askedFeatures: Set<String>? { nil }
  #endif

  #if canImport(Darwin)
    private static func text(ofKey key: String) -> String {
      var size = 0
      guard sysctlbyname(key, nil, &size, nil, 0) == 0 else { return "" }
      var bytes = [UInt8](repeating: 0, count: size)
      guard sysctlbyname(key, &bytes, &size, nil, 0) == 0 else { return "" }
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  #endif
}
