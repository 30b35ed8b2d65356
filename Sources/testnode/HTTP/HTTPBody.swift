extension HTTP {
    /// A request body, read piece by piece from the connection: by length or by chunks (RFC 9112 sections 6 and 7).
    final class Body {
        private enum Framing {
            case length(remaining: Int)
            case chunked(ChunkState)
            case ended
        }

        private enum ChunkState {
            case size
            case data(remaining: Int)
        }

        /// Longest chunk-size or trailer line, in bytes.
        private static let longestLine = 4096
        /// Most trailer lines after the last chunk.
        private static let mostTrailers = 32

        private let connection: Connection
        private var framing: Framing
        private var owesContinue: Bool
        /// Length that the request promises in bytes; nil if it comes in chunks.
        let promisedLength: Int?

        /// True while the client waits for `100 Continue` and nothing has asked for the body.
        var awaitsContinue: Bool { owesContinue }

        init(head: Head, connection: Connection) throws(Failure) {
            self.connection = connection
            let lengths = head.headers.all("content-length")
            if !head.headers.all("transfer-encoding").isEmpty {
                guard lengths.isEmpty else {
                    throw .badRequest("content-length and transfer-encoding are both present")
                }
                guard head.headers.all("transfer-encoding").map({ $0.lowercased() }) == ["chunked"] else {
                    throw .badRequest("the only transfer-encoding understood is chunked")
                }
                framing = .chunked(.size)
                promisedLength = nil
            } else if let text = lengths.first {
                guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(text) else {
                    throw .badRequest("content-length is not a number")
                }
                framing = length == 0 ? .ended : .length(remaining: length)
                promisedLength = length
            } else {
                framing = .ended
                promisedLength = 0
            }
            owesContinue = head.minorVersion >= 1 && head.headers["expect"]?.lowercased() == "100-continue"
            if case .ended = framing { owesContinue = false }
        }

        /// True after an error: where the next request would begin is unknown, so the connection must end.
        private(set) var isBroken = false

        /// The next piece, never empty; nil at the end of the body.
        func next() async throws -> [UInt8]? {
            do {
                return try await read()
            } catch {
                isBroken = true
                throw error
            }
        }

        private func read() async throws -> [UInt8]? {
            if owesContinue {
                owesContinue = false
                try await connection.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            }
            switch framing {
            case .ended:
                return nil
            case .length(let remaining):
                let piece = try await connection.readBody(atMost: remaining)
                framing = remaining == piece.count ? .ended : .length(remaining: remaining - piece.count)
                return piece
            case .chunked(let state):
                return try await nextChunked(state)
            }
        }

        private func nextChunked(_ state: ChunkState) async throws -> [UInt8]? {
            switch state {
            case .data(let remaining):
                let piece = try await connection.readBody(atMost: remaining)
                if piece.count == remaining {
                    guard try await connection.readLine(longest: 0).isEmpty else {
                        throw Failure.badRequest("a chunk does not end where its size says")
                    }
                    framing = .chunked(.size)
                } else {
                    framing = .chunked(.data(remaining: remaining - piece.count))
                }
                return piece
            case .size:
                let line = try await connection.readLine(longest: Self.longestLine)
                let digits = line.prefix { $0 != ";" }.trimmingSpaces()
                guard digits.utf8.count <= 15, digits.utf8.allSatisfy(\.isHexDigit), let size = Int(digits, radix: 16)
                else {
                    throw Failure.badRequest("a chunk size is not a hexadecimal number")
                }
                if size > 0 { return try await nextChunked(.data(remaining: size)) }
                for _ in 0...Self.mostTrailers {
                    if try await connection.readLine(longest: Self.longestLine).isEmpty {
                        framing = .ended
                        return nil
                    }
                }
                throw Failure.badRequest("there are too many trailer fields")
            }
        }

        /// The whole body. Throws ``Failure/bodyTooLarge(limit:)`` if it is longer than `limit` bytes.
        func collect(limit: Int) async throws -> [UInt8] {
            if let promisedLength, promisedLength > limit { throw Failure.bodyTooLarge(limit: limit) }
            var all: [UInt8] = []
            while let piece = try await next() {
                guard all.count + piece.count <= limit else { throw Failure.bodyTooLarge(limit: limit) }
                all += piece
            }
            return all
        }

        /// Throws unread bytes away so that the next request can be read; false if there are more than `limit`.
        func drain(limit: Int) async throws -> Bool {
            if case .length(let remaining) = framing, remaining > limit { return false }
            var drained = 0
            while let piece = try await next() {
                drained += piece.count
                if drained > limit { return false }
            }
            return true
        }
    }
}
