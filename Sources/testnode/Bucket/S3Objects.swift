/// Reading, writing, copying and deleting objects.
extension S3Service.Call {
    // MARK: Reading

    /// GET and HEAD: the server sends only the head of an answer to HEAD.
    func getObject() async throws(S3Error) -> HTTP.Response {
        let bucket = try bucket()
        let access = try await store.access(of: bucket)
        let record = try await store.record(try key(), in: bucket)
        guard access.allows(caller, "s3:GetObject", on: target.resource, objectACL: record?.acl) else {
            throw .accessDenied
        }
        guard let (record, file) = try await store.open(try key(), in: bucket) else {
            // Whether a key exists is told only to those who may list.
            let mayList = access.allows(caller, "s3:ListBucket", on: "arn:aws:s3:::\(bucket)")
            throw mayList ? .noSuchKey : .accessDenied
        }
        var headers = [
            ("ETag", "\"\(record.etag)\""), ("Last-Modified", record.modified.httpDate), ("Accept-Ranges", "bytes"),
        ]
        if try Preconditions(self.headers).isUnmodified(record) { return HTTP.Response(304, headers: headers) }
        headers += try describe(record)
        guard let range = try ByteRange(self.headers["range"], size: record.size).map(\.range) else {
            if self.headers["x-amz-checksum-mode"]?.uppercased() == "ENABLED", let checksum = record.checksum {
                headers += [(checksum.field, checksum.base64), ("x-amz-checksum-type", "FULL_OBJECT")]
            }
            return HTTP.Response(200, headers: headers, payload: .file(file, 0..<record.size))
        }
        headers.append(("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(record.size)"))
        return HTTP.Response(206, headers: headers, payload: .file(file, range))
    }

    /// The stored header fields, with what a signed request's `response-…` parameters put in their place.
    private func describe(_ record: ObjectRecord) throws(S3Error) -> [(String, String)] {
        var fields = record.headers.fields
        if !fields.contains(where: { $0.name == "content-type" }) {
            fields.append(("content-type", "binary/octet-stream"))
        }
        for (name, value) in query where name.hasPrefix("response-") {
            guard caller != .anonymous else {
                throw .invalidRequest("Request specific response headers cannot be used for anonymous GET requests.")
            }
            let field = String(name.dropFirst("response-".count))
            guard
                [
                    "cache-control", "content-disposition", "content-encoding", "content-language", "content-type",
                    "expires",
                ].contains(field), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
            else { throw .invalidArgument("\(name) is not a response header that can be set") }
            fields.removeAll { $0.name == field }
            fields.append((field, value))
        }
        return fields.map { ($0.name, $0.value) }
    }

    // MARK: Writing

    func putObject() async throws(S3Error) -> HTTP.Response {
        let access = try await authorize("s3:PutObject")
        let acl = try cannedACL() ?? .private
        try access.checkSetting(acl: acl)
        let onlyIfAbsent = try ifNoneMatchAny()
        let stored = try ObjectHeaders(from: headers)
        let file = try store.makeTemporaryFile()
        let summary = try await receive(into: file)
        let record = ObjectRecord(
            key: try key(), blob: RandomName.make(), size: summary.size, etag: summary.md5.hex, modified: .now(),
            acl: acl, headers: stored, checksum: summary.checksum.map { ($0.algorithm.field, $0.base64) })
        try await store.put(record, bytes: file, in: try bucket(), onlyIfAbsent: onlyIfAbsent)
        var headers = [("ETag", "\"\(record.etag)\"")]
        if let checksum = record.checksum { headers.append((checksum.field, checksum.base64)) }
        return HTTP.Response(200, headers: headers)
    }

    private func ifNoneMatchAny() throws(S3Error) -> Bool {
        if headers["if-match"] != nil { throw .notImplemented("If-Match on writes") }
        switch headers["if-none-match"] {
        case nil: return false
        case "*": return true
        default: throw .notImplemented("If-None-Match on writes with anything but *")
        }
    }

    /// Writes the request's body into `file`, checking every digest the client sent.
    func receive(into file: TemporaryFile) async throws(S3Error) -> UploadReader.Summary {
        let reader = UploadReader(
            request: request, payload: identity.payload, signing: identity.chunkSigning, limit: settings.largestObject)
        return try await reader.read { (piece) throws(S3Error) in
            do {
                try file.append(piece)
            } catch {
                throw .internalError
            }
        }
    }

    // MARK: Copying

    /// The object named by `x-amz-copy-source`, if the caller may read it.
    func copySource() async throws(S3Error) -> (record: ObjectRecord, file: HTTP.OpenFile, bucket: String) {
        let text = headers["x-amz-copy-source"] ?? ""
        if text.contains("?") { throw .notImplemented("copying a version") }
        guard let bytes = PercentEncoding.decode(text), let path = String(validating: bytes, as: UTF8.self) else {
            throw .invalidArgument("Copy Source must be URL-encoded UTF-8")
        }
        let parts = (path.utf8.first == 0x2F ? path.utf8.dropFirst() : path.utf8[...])
            .split(separator: 0x2F, maxSplits: 1, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw .invalidArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
        }
        let (bucket, key) = (parts[0], ObjectKey(parts[1]))
        let access = try await store.access(of: bucket)
        let acl = try await store.record(key, in: bucket)?.acl
        guard access.allows(caller, "s3:GetObject", on: S3Target.resource(of: key, in: bucket), objectACL: acl) else {
            throw .accessDenied
        }
        guard let (record, file) = try await store.open(key, in: bucket) else { throw .noSuchKey }
        let conditions = Preconditions(headers, prefix: "x-amz-copy-source-")
        guard try !conditions.isUnmodified(record) else { throw .preconditionFailed }
        return (record, file, bucket)
    }

    func copyObject() async throws(S3Error) -> HTTP.Response {
        let access = try await authorize("s3:PutObject")
        let acl = try cannedACL() ?? .private
        try access.checkSetting(acl: acl)
        let source = try await copySource()
        let directive = headers["x-amz-metadata-directive"] ?? "COPY"
        guard directive == "COPY" || directive == "REPLACE" else {
            throw .invalidArgument("Unknown metadata directive.")
        }
        if source.bucket == target.bucket, source.record.key == target.key, directive == "COPY" {
            throw .invalidRequest(
                "This copy request is illegal because it is trying to copy an object to itself without changing its metadata."
            )
        }
        let stored = directive == "COPY" ? source.record.headers : try ObjectHeaders(from: headers)
        let file = try store.makeTemporaryFile()
        try copy(source.file, 0..<source.record.size, into: file)
        var record = source.record
        record.key = try key()
        record.blob = RandomName.make()
        record.modified = .now()
        record.acl = acl
        record.headers = stored
        try await store.put(record, bytes: file, in: try bucket())
        return xml(
            "CopyObjectResult",
            XMLText.tag("ETag", "\"\(record.etag)\"") + XMLText.tag("LastModified", record.modified.iso8601))
    }

    func copy(_ source: HTTP.OpenFile, _ range: Range<Int>, into file: TemporaryFile) throws(S3Error) {
        try source.read(range) { (piece) throws(S3Error) in
            do {
                try file.append(piece)
            } catch {
                throw .internalError
            }
        }
    }

    // MARK: Deleting

    func deleteObject() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:DeleteObject")
        try await store.delete(try key(), in: try bucket())
        return HTTP.Response(204)
    }
}
