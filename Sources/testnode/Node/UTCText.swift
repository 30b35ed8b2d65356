import Glibc

/// Times as the chain's own software prints them.
enum UTCText {
    /// `2006-01-02 15:04:05 +0000 UTC`, the layout of header timestamps (chains.md, "Harmony (FBFT)").
    static func go(seconds: UInt64) -> String {
        var time = time_t(min(seconds, 253_402_300_799))
        var parts = tm()
        gmtime_r(&time, &parts)
        let bytes = [UInt8](unsafeUninitializedCapacity: 64) { space, count in
            count = space.withMemoryRebound(to: CChar.self) {
                strftime($0.baseAddress, $0.count, "%Y-%m-%d %H:%M:%S +0000 UTC", &parts)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
