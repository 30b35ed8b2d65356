import Crypto

/// Reads the body of an upload into a sink, undoing `aws-chunked` and checking every digest the client sent.
struct UploadReader {
    /// What is known about a body once it was read and found intact.
    struct Summary: Sendable, Equatable {
        var size: Int
        var md5: [UInt8]
        /// The checksum the client sent and we confirmed.
        var checksum: (algorithm: ChecksumAlgorithm, base64: String)?

        static func == (left: Summary, right: Summary) -> Bool {
            left.size == right.size && left.md5 == right.md5
                && left.checksum?.algorithm == right.checksum?.algorithm
                && left.checksum?.base64 == right.checksum?.base64
        }
    }

    let request: HTTP.Request
    let payload: S3Payload
    let signing: ChunkSigning?
    /// Largest body accepted, in bytes.
    let limit: Int

    /// Reads to the end. The sink's bytes are good only if this returns.
    func read(into sink: ([UInt8]) throws(S3Error) -> Void) async throws(S3Error) -> Summary {
        let expected = try expectedSize()
        var decoder = payload.isChunked ? makeDecoder() : nil
        var size = 0
        var md5 = Insecure.MD5()
        var sha256 = SHA256()
        let announced = try announcedChecksum()
        var checksum = announced.map { Checksum($0.algorithm) }
        while let raw = try await nextPiece() {
            let piece = try decoder?.feed(raw) ?? raw
            if piece.isEmpty { continue }
            size += piece.count
            guard size <= limit else { throw .entityTooLarge(limit: limit) }
            md5.update(data: piece)
            if case .sha256 = payload { sha256.update(data: piece) }
            checksum?.update(piece)
            try sink(piece)
        }
        if let decoder, !decoder.isDone { throw .incompleteBody }
        if let expected, size != expected { throw .incompleteBody }
        if case .sha256(let hash) = payload, sha256.finalize().hex != hash { throw .contentSHA256Mismatch }
        let digest = Array(md5.finalize())
        if let sent = request.head.headers["content-md5"], sent != Base64.encode(digest) {
            throw sent.utf8.count == 24 ? .badDigest : .invalidDigest
        }
        guard let announced, let computed = checksum?.base64 else { return Summary(size: size, md5: digest) }
        let sent = announced.value ?? decoder?.trailers[announced.algorithm.field]
        guard let sent else { throw .invalidRequest("The announced trailer \(announced.algorithm.field) is missing.") }
        guard sent == computed else { throw .badDigest }
        return Summary(size: size, md5: digest, checksum: (announced.algorithm, computed))
    }

    private func makeDecoder() -> AWSChunkedDecoder {
        switch payload {
        case .signedChunks(let trailer): AWSChunkedDecoder(signing: signing, expectsTrailer: trailer)
        default: AWSChunkedDecoder(signing: nil, expectsTrailer: true)
        }
    }

    /// Length of the decoded body that the request promises; nil if it does not say.
    private func expectedSize() throws(S3Error) -> Int? {
        let expected: Int?
        if payload.isChunked {
            guard let text = request.head.headers["x-amz-decoded-content-length"], let length = Int(text), length >= 0
            else { throw .missingContentLength }
            expected = length
        } else {
            expected = request.body.promisedLength
        }
        guard let expected else { throw .missingContentLength }
        guard expected <= limit else { throw .entityTooLarge(limit: limit) }
        return expected
    }

    /// The checksum the client announces: its value in a header, or nil if it follows in the trailer.
    private func announcedChecksum() throws(S3Error) -> (algorithm: ChecksumAlgorithm, value: String?)? {
        let headers = request.head.headers
        var found = ChecksumAlgorithm.allCases.compactMap { algorithm in
            headers[algorithm.field].map { (algorithm, Optional($0)) }
        }
        for name in headers.all("x-amz-trailer").flatMap({ $0.lowercased().split(separator: ",") }) {
            guard let algorithm = ChecksumAlgorithm.allCases.first(where: { $0.field == name.trimmingSpaces() }) else {
                throw .invalidRequest("The value specified in the x-amz-trailer header is not supported")
            }
            found.append((algorithm, nil))
        }
        guard found.count <= 1 else {
            throw .invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
        }
        return found.first
    }

    private func nextPiece() async throws(S3Error) -> [UInt8]? {
        do {
            return try await request.body.next()
        } catch {
            throw .incompleteBody
        }
    }
}
