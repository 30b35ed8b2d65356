extension HTTP {
    /// Parses a request head (RFC 9112 sections 2 to 5), strictly: no folded lines, no space before a colon,
    /// no control characters, at most one `Host` and one `Content-Length`.
    enum HeadParser {
        /// Index just after the empty line that ends a head, or nil if `bytes` does not hold a whole head yet.
        /// - Parameter start: where to begin looking, so that a growing buffer is not scanned again and again.
        static func end(in bytes: [UInt8], from start: Int) -> Int? {
            var index = max(0, start - 3)
            while index < bytes.count {
                if bytes[index] == 0x0A {
                    if index + 1 < bytes.count, bytes[index + 1] == 0x0A { return index + 2 }
                    if index + 2 < bytes.count, bytes[index + 1] == 0x0D, bytes[index + 2] == 0x0A { return index + 3 }
                }
                index += 1
            }
            return nil
        }

        /// - Parameter bytes: a whole head, with or without its final empty line.
        static func parse(_ bytes: ArraySlice<UInt8>, limits: Limits) throws(Failure) -> Head {
            var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
                line.last == 0x0D ? line.dropLast() : line
            }
            while let first = lines.first, first.isEmpty { lines.removeFirst() }
            while let last = lines.last, last.isEmpty { lines.removeLast() }
            guard let requestLine = lines.first else { throw .badRequest("there is no request line") }
            var head = try parseRequestLine(requestLine)
            guard lines.count - 1 <= limits.headerFields else { throw .headTooLarge }
            for line in lines.dropFirst() { try parseField(line, into: &head.headers) }
            for name in ["host", "content-length"] where head.headers.all(name).count > 1 {
                throw .badRequest("there is more than one \(name) field")
            }
            if head.headers["host"] == nil, head.minorVersion >= 1 { throw .badRequest("there is no host field") }
            return head
        }

        private static func parseRequestLine(_ line: ArraySlice<UInt8>) throws(Failure) -> Head {
            let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
            guard parts.count == 3 else { throw .badRequest("the request line does not have three parts") }
            guard !parts[0].isEmpty, parts[0].allSatisfy(isToken) else { throw .badRequest("the method is no token") }
            guard parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw .badRequest("the target has characters that must be percent-encoded")
            }
            let version = String(decoding: parts[2], as: UTF8.self)
            guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
                throw .badRequest("the version is not HTTP/1.x")
            }
            var target = String(decoding: parts[1], as: UTF8.self)
            for scheme in ["http://", "https://"] where target.lowercased().hasPrefix(scheme) {
                let rest = target.dropFirst(scheme.count)
                target = String(rest.drop { $0 != "/" && $0 != "?" })
                if !target.hasPrefix("/") { target = "/" + target }
            }
            guard target.hasPrefix("/") || target == "*" else { throw .badRequest("the target is not a path") }
            let mark = target.utf8.firstIndex(of: 0x3F)
            return Head(
                method: String(decoding: parts[0], as: UTF8.self),
                path: mark.map { String(target[..<$0]) } ?? target,
                query: mark.map { String(target[target.utf8.index(after: $0)...]) } ?? "",
                minorVersion: version == "HTTP/1.1" ? 1 : 0)
        }

        private static func parseField(_ line: ArraySlice<UInt8>, into headers: inout Headers) throws(Failure) {
            guard let colon = line.firstIndex(of: 0x3A) else { throw .badRequest("a header field has no colon") }
            let name = line[..<colon]
            guard !name.isEmpty, name.allSatisfy(isToken) else { throw .badRequest("a header field has no valid name") }
            let value = line[line.index(after: colon)...]
            guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw .badRequest("a header field has control characters")
            }
            headers.add(
                String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self).trimmingSpaces())
        }

        /// A character of an RFC 9110 token.
        private static func isToken(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
            default: false
            }
        }
    }
}
