import Crypto

/// Undoes the `aws-chunked` coding of uploads and checks chunk signatures, as bytes arrive
/// (S3, "Signature calculations: transferring payload in multiple chunks").
struct AWSChunkedDecoder {
    private enum State: Equatable {
        case header
        case data(remaining: Int, signature: String?)
        case dataEnd(signature: String?)
        case trailer
        case done
    }

    /// Longest chunk header or trailer line, in bytes.
    private static let longestLine = 1024
    private static let mostTrailers = 8

    private var state: State = .header
    private var line: [UInt8] = []
    private var signing: ChunkSigning?
    private let expectsTrailer: Bool
    private var chunkHash = SHA256()
    private var trailerText = ""
    /// Trailing fields, names in lower case.
    private(set) var trailers: [String: String] = [:]

    /// True after the last chunk and trailer.
    var isDone: Bool { state == .done }

    /// - Parameter signing: continues the request's signature; nil for unsigned chunks.
    init(signing: ChunkSigning?, expectsTrailer: Bool) {
        self.signing = signing
        self.expectsTrailer = expectsTrailer
    }

    /// Takes the next bytes and returns the data among them.
    mutating func feed(_ bytes: [UInt8]) throws(S3Error) -> [UInt8] {
        var out: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            switch state {
            case .data(let remaining, let signature):
                let piece = rest.prefix(remaining)
                rest = rest.dropFirst(piece.count)
                if signing != nil { chunkHash.update(data: Array(piece)) }
                out += piece
                state =
                    piece.count == remaining
                    ? .dataEnd(signature: signature) : .data(remaining: remaining - piece.count, signature: signature)
            case .header, .dataEnd, .trailer:
                guard let text = try takeLine(&rest) else { return out }
                try advance(text)
            case .done:
                throw .invalidRequest("There are bytes after the end of the aws-chunked body.")
            }
        }
        return out
    }

    /// The next whole line without its CRLF; nil if it has not fully arrived.
    private mutating func takeLine(_ rest: inout ArraySlice<UInt8>) throws(S3Error) -> String? {
        while let byte = rest.popFirst() {
            if byte == 0x0A {
                if line.last == 0x0D { line.removeLast() }
                defer { line = [] }
                return String(decoding: line, as: UTF8.self)
            }
            guard line.count < Self.longestLine else { throw .incompleteBody }
            line.append(byte)
        }
        return nil
    }

    private mutating func advance(_ text: String) throws(S3Error) {
        switch state {
        case .header:
            let parts = text.split(separator: ";", omittingEmptySubsequences: false)
            guard let size = parts.first, !size.isEmpty, size.utf8.count <= 12, size.utf8.allSatisfy(\.isHexDigit),
                let count = Int(size, radix: 16)
            else { throw .incompleteBody }
            let signature = parts.dropFirst().first { $0.hasPrefix("chunk-signature=") }.map {
                String($0.dropFirst(16))
            }
            if count > 0 {
                state = .data(remaining: count, signature: signature)
            } else {
                try verifyChunk(signature)
                state = .trailer
            }
        case .dataEnd(let signature):
            guard text.isEmpty else { throw .incompleteBody }
            try verifyChunk(signature)
            state = .header
        case .trailer:
            try advanceTrailer(text)
        case .data, .done:
            break
        }
    }

    private mutating func advanceTrailer(_ text: String) throws(S3Error) {
        if text.isEmpty {
            if expectsTrailer, signing != nil, trailers["x-amz-trailer-signature"] == nil {
                throw .invalidChunkSignature
            }
            state = .done
            return
        }
        let parts = text.split(separator: ":", maxSplits: 1)
        guard expectsTrailer, parts.count == 2, trailers.count < Self.mostTrailers else { throw .incompleteBody }
        let name = parts[0].trimmingSpaces().lowercased()
        let value = parts[1].trimmingSpaces()
        if name == "x-amz-trailer-signature" {
            if let signing {
                let expected = SignatureV4.signature(
                    of: SignatureV4.trailerStringToSign(
                        amzDate: signing.amzDate, scope: signing.scope, previous: signing.previous,
                        trailerHash: SHA256.hash(data: Array(trailerText.utf8)).hex), key: signing.key)
                guard SignatureV4.matches(expected, value) else { throw .invalidChunkSignature }
            }
        } else {
            // Fields after the signature would not be covered by it.
            guard trailers["x-amz-trailer-signature"] == nil else { throw .invalidChunkSignature }
            trailerText += "\(name):\(value)\n"
        }
        trailers[name] = value
    }

    private mutating func verifyChunk(_ signature: String?) throws(S3Error) {
        guard let current = signing else { return }
        let text = SignatureV4.chunkStringToSign(
            amzDate: current.amzDate, scope: current.scope, previous: current.previous,
            chunkHash: chunkHash.finalize().hex)
        let expected = SignatureV4.signature(of: text, key: current.key)
        guard let signature, SignatureV4.matches(expected, signature) else { throw .invalidChunkSignature }
        signing?.previous = expected
        chunkHash = SHA256()
    }
}
