/// `filesystems` of a host: where they may lie and how large they may be.
enum SmallFileSystems {
    /// Bytes. They live in the machine's memory.
    static let sizes = 64 << 10...64 << 20
    private static let units = ["KiB": 1 << 10, "MiB": 1 << 20]
    /// Where hosts keep data; what Firedrill itself needs lies elsewhere.
    private static let places = ["/srv/", "/opt/", "/var/lib/", "/var/log/", "/var/spool/"]
    private static let own = "/var/lib/firedrill"

    static func read(_ entries: [(path: Located<String>, size: Located<String>)], sink: Sink) -> [String: Int] {
        var result: [String: Int] = [:]
        for (path, size) in entries {
            if !places.contains(where: path.value.hasPrefix) || path.value == own || path.value.hasPrefix(own + "/") {
                sink.error(
                    "'\(Quote.short(path.value))' cannot be a file system of its own", at: path.at,
                    remedy: "Choose a folder below /srv, /opt, /var/lib, /var/log or /var/spool.")
            }
            guard let bytes = bytes(size.value) else {
                sink.error(
                    "'\(Quote.short(size.value))' is not a size from 64KiB to 64MiB", at: size.at,
                    remedy: "Write for example 8MiB.")
                continue
            }
            result[path.value] = bytes
        }
        return result
    }

    /// `8MiB` in bytes; nil when it is not such a text or out of range.
    static func bytes(_ text: String) -> Int? {
        guard let unit = units[String(text.suffix(3))], let number = Scalars.plainInteger(text.dropLast(3)),
            number <= sizes.upperBound, sizes.contains(number * unit)
        else { return nil }
        return number * unit
    }
}
