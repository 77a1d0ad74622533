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
  /// as `avx2`; empty where the system does not tell.
  package static var features: Set<String> {
    #if canImport(Darwin)
      let names = ["features", "leaf7_features", "extfeatures"]
      let words = names.flatMap {
        text(ofKey: "machdep.cpu.\($0)").lowercased().split(separator: " ")
      }
      // Linux has the name of AMD for it.
      return Set(words.map { $0 == "lzcnt" ? "abm" : String($0) })
    #else
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
