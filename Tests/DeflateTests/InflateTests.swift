import Deflate
import Foundation
import Testing

/// Bytes that zlib has compressed (Python's `zlib` and `gzip`).
private func bytes(_ base64: String) throws -> [UInt8] {
  Array(try #require(Data(base64Encoded: base64)))
}

@Suite struct InflateTests {
  private let text = Array("abracadabra abracadabra".utf8)

  private func inflated(_ base64: String, limit: Int = 1 << 20) throws -> [UInt8] {
    try Inflate.stream(bytes(base64)[...], limit: limit).result
  }

  @Test func `blocks are stored, or of the fixed code`() throws {
    #expect(try inflated("ARcA6P9hYnJhY2FkYWJyYSBhYnJhY2FkYWJyYQ==") == text)
    #expect(try inflated("S0wqSkxOTEkEUgqJCDYA") == text)
  }

  @Test func `a block tells its own code`() throws {
    let result = try inflated(Self.dynamic)
    let begin = (0..<12).flatMap { _ in (0...255).map { UInt8($0) } }
    #expect(Array(result.prefix(begin.count)) == begin)
    #expect(Array(result[begin.count..<begin.count + text.count]) == text)
    #expect(result.count == 4392)
    #expect(CRC32(result[...]).value == 1_534_082_153)
  }

  @Test func `zlib and gzip have a header and a checksum`() throws {
    let (zlib, gzip) = (
      try bytes("eNpLTCpKTE5MSQRSCokINgBpVQjJ"),
      try bytes("H4sICAAAAAAC/25hbWUudHh0AEtMKkpMTkxJBFIKiQg2AE4OEAUXAAAA")
    )
    #expect(try Inflate.zlib(zlib, limit: 100) == text)
    #expect(try Inflate.gzip(gzip, limit: 100) == text)
    for place in [zlib.count - 1, zlib.count - 4] {
      var changed = zlib
      changed[place] ^= 1
      #expect(throws: Inflate.Failure(problem: "the compressed part has another checksum")) {
        try Inflate.zlib(changed, limit: 100)
      }
    }
    #expect(throws: Inflate.Failure(problem: "expected a gzip header")) {
      try Inflate.gzip(zlib, limit: 100)
    }
    #expect(throws: Inflate.Failure(problem: "expected a zlib header before its compressed part")) {
      try Inflate.zlib(gzip, limit: 100)
    }
    #expect(throws: Inflate.Failure(problem: "more than the 22 bytes that there should be")) {
      try Inflate.zlib(zlib, limit: 22)
    }
  }

  @Test func `no bytes end the program, whatever they say`() throws {
    let whole = try bytes(Self.dynamic)
    for count in 0..<whole.count {
      #expect(throws: Inflate.Failure.self) { try Inflate.stream(whole[..<count], limit: 1 << 20) }
    }
    // What one changed bit makes of it is anything, or an error.
    for place in 0..<whole.count {
      for bit in 0..<8 {
        var changed = whole
        changed[place] ^= 1 << bit
        let result = try? Inflate.stream(changed[...], limit: 1 << 16).result
        #expect((result?.count ?? 0) <= 1 << 16)
      }
    }
  }

  private static let dynamic =
    "7dRTH5ghFAfg2bbXbNu2bbTV1tlabaeabdu2bdu2bdtud/sGu9h7Vb9/pzpPF4UIGSp0mL"
    + "DhwkeIGClylKjRoseIGSt2nLjx4idImChxkqTJkpMUKVOlTpM2XfoMGTNlzpI1W/YcOXPl"
    + "zpM3X/4CBQsVLlK0WPESJUuVLlO2XPkKFStVrlK1WvUaNWvVrlO3Xv0GDRs1btK0WXPaoi"
    + "XjrVoLaNNWtlO6fQc01nXs1LlL127de/Ts1btP3379BwwcNHjI0GHDR4wcNXrM2HHjJ0yc"
    + "NHnK1GnTZ8ycNXvO3HnzFyxctHjJ0mXLV6xctXrN2nXrN2zctHnL1m3bd+zctXvP3n37Dx"
    + "w8dPjI0WPHT5w8dfrM2XPnL1y8dPnK1WvXb9y8dfvO3Xv3Hzx89PjJ02fPX7x89frN23fv"
    + "P3z89PnL12/ff/z8FSLwB/7AH/gDf+AP/IE/8Af+/8hPWyBtSdmfgfw1D+IgDuJ/GAumAd"
    + "AIgtxo6QhhVAnpmFTWMGEdFUQZyQ0HiYh+lQrNnRZCE6FQGWACJSdOCl/qfMqNQqEFMYoo"
    + "LgQ6X4R+B6MCqXXCAWfW+gOdAw3WIVVgKQVBGTAJRipjLAeiiPPLIIVGwjUnlEtqpGBEaO"
    + "ZvM1owThg6xRjhEqjmYC2ApASBcsFRo6FOouBEK6uREdTGMgLCcIUEONXKoaOKaGDWY5gw"
    + "vn8rue/GI8F5ByilLGh00lAUzipOLHGUKovoiPVQtKAAhTWewoEj45b4mdYOCbWGMk2lJc"
    + "QJECCNb4Qpzrnzr6mMN1qr/D8NvtoJaZiC3w=="
}

@Suite struct ChecksumTests {
  /// The check values of the catalogue of CRCs and of RFC 1950.
  @Test func `checksums are the published ones`() {
    let digits = Array("123456789".utf8)
    #expect(CRC32(digits[...]).value == 0xCBF4_3926)
    #expect(adler32(digits) == 0x091E_01DE)
  }
}
