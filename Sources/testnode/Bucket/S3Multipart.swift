import Crypto

/// Multipart uploads, which clients use for larger files.
extension S3Service.Call {
    /// S3's least size of a part that is not the last, in bytes.
    private static let smallestPart = 5 * 1024 * 1024
    private static let mostParts = 10_000
    /// Most uploads that may be open in a bucket, so that abandoned ones cannot fill the memory.
    private static let mostUploads = 1000

    private func uploadID() throws(S3Error) -> String {
        guard let id = parameter("uploadId") else { throw .noSuchUpload }
        return id
    }

    private func partNumber() throws(S3Error) -> Int {
        guard let number = parameter("partNumber").flatMap({ Int($0) }), (1...Self.mostParts).contains(number) else {
            throw .invalidArgument("Part number must be an integer between 1 and 10000, inclusive")
        }
        return number
    }

    func createUpload() async throws(S3Error) -> HTTP.Response {
        let access = try await authorize("s3:PutObject")
        let acl = try cannedACL() ?? .private
        try access.checkSetting(acl: acl)
        let bucket = try bucket()
        guard try await store.uploads(in: bucket).count < Self.mostUploads else {
            throw .invalidRequest("There are too many unfinished uploads in this bucket; abort some.")
        }
        let upload = MultipartUpload(
            id: RandomName.make(), key: try key(), initiated: .now(), acl: acl,
            headers: try ObjectHeaders(from: headers))
        try await store.begin(upload, in: bucket)
        return xml(
            "InitiateMultipartUploadResult",
            XMLText.tag("Bucket", bucket) + XMLText.tag("Key", upload.key.text) + XMLText.tag("UploadId", upload.id))
    }

    func uploadPart() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:PutObject")
        let number = try partNumber()
        _ = try await store.upload(try uploadID(), of: try key(), in: try bucket())
        let file = try store.makeTemporaryFile()
        let summary = try await receive(into: file)
        let etag = try await addPart(number, size: summary.size, md5: summary.md5, file)
        var headers = [("ETag", "\"\(etag)\"")]
        if let checksum = summary.checksum { headers.append((checksum.algorithm.field, checksum.base64)) }
        return HTTP.Response(200, headers: headers)
    }

    func uploadPartCopy() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:PutObject")
        let number = try partNumber()
        _ = try await store.upload(try uploadID(), of: try key(), in: try bucket())
        let source = try await copySource()
        var range = 0..<source.record.size
        if let wanted = headers["x-amz-copy-source-range"] {
            guard let part = try ByteRange(wanted, size: source.record.size) else {
                throw .invalidArgument("The x-amz-copy-source-range value must be of the form bytes=first-last")
            }
            range = part.range
        }
        let file = try store.makeTemporaryFile()
        var md5 = Insecure.MD5()
        try source.file.read(range) { (piece) throws(S3Error) in
            md5.update(data: piece)
            do {
                try file.append(piece)
            } catch {
                throw .internalError
            }
        }
        let etag = try await addPart(number, size: range.count, md5: Array(md5.finalize()), file)
        return xml(
            "CopyPartResult", XMLText.tag("ETag", "\"\(etag)\"") + XMLText.tag("LastModified", Timestamp.now().iso8601))
    }

    private func addPart(_ number: Int, size: Int, md5: [UInt8], _ file: TemporaryFile) async throws(S3Error) -> String
    {
        let part = MultipartUpload.Part(
            number: number, blob: RandomName.make(), size: size, etag: md5.hex, modified: .now())
        try await store.addPart(part, bytes: file, to: try uploadID(), of: try key(), in: try bucket())
        return part.etag
    }

    func completeUpload() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:PutObject")
        let onlyIfAbsent = headers["if-none-match"] == "*"
        let root = try XMLElement.parse(try await smallBody(limit: Self.largestXML))
        guard root.name == "CompleteMultipartUpload" else { throw .malformedXML }
        let bucket = try bucket()
        let upload = try await store.upload(try uploadID(), of: try key(), in: bucket)
        let parts = try Self.chosenParts(root.all("Part"), of: upload)
        let file = try store.makeTemporaryFile()
        var size = 0
        var digests: [UInt8] = []
        for part in parts {
            try copy(try await store.open(part, in: bucket), 0..<part.size, into: file)
            size += part.size
            digests += PercentEncoding.decode(part.etag.utf8.pairs.map { "%" + $0 }.joined()) ?? []
        }
        guard size <= settings.largestObject else { throw .entityTooLarge(limit: settings.largestObject) }
        let etag = Insecure.MD5.hash(data: digests).hex + "-\(parts.count)"
        let record = ObjectRecord(
            key: upload.key, blob: RandomName.make(), size: size, etag: etag, modified: .now(), acl: upload.acl,
            headers: upload.headers)
        try await store.put(record, bytes: file, in: bucket, onlyIfAbsent: onlyIfAbsent)
        try await store.end(upload.id, of: upload.key, in: bucket)
        return xml(
            "CompleteMultipartUploadResult",
            XMLText.tag("Location", "http://\(headers["host"] ?? "")/\(bucket)/\(upload.key.text)")
                + XMLText.tag("Bucket", bucket) + XMLText.tag("Key", upload.key.text)
                + XMLText.tag("ETag", "\"\(etag)\""))
    }

    private static func chosenParts(
        _ elements: [XMLElement], of upload: MultipartUpload
    ) throws(S3Error) -> [MultipartUpload.Part] {
        guard !elements.isEmpty, elements.count <= mostParts else { throw .malformedXML }
        var parts: [MultipartUpload.Part] = []
        for element in elements {
            guard let number = element.first("PartNumber").flatMap({ Int($0.text) }),
                let etag = element.first("ETag")?.text
            else { throw .malformedXML }
            guard number > parts.last?.number ?? 0 else { throw .invalidPartOrder }
            guard let part = upload.parts[number], etag == part.etag || etag == "\"\(part.etag)\"" else {
                throw .invalidPart
            }
            parts.append(part)
        }
        guard parts.dropLast().allSatisfy({ $0.size >= smallestPart }) else { throw .entityTooSmall }
        return parts
    }

    func abortUpload() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:AbortMultipartUpload")
        try await store.end(try uploadID(), of: try key(), in: try bucket())
        return HTTP.Response(204)
    }

    func listParts() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:ListMultipartUploadParts")
        let upload = try await store.upload(try uploadID(), of: try key(), in: try bucket())
        let after = parameter("part-number-marker").flatMap { Int($0) } ?? 0
        let all = upload.parts.values.filter { $0.number > after }.sorted { $0.number < $1.number }
        let page = all.prefix(min(parameter("max-parts").flatMap { Int($0) }.map { max($0, 0) } ?? 1000, 1000))
        var text = XMLText.tag("Bucket", try bucket()) + XMLText.tag("Key", upload.key.text)
        text += XMLText.tag("UploadId", upload.id) + ownerXML + XMLText.tag("StorageClass", "STANDARD")
        text += XMLText.tag("IsTruncated", page.count < all.count)
        if let last = page.last { text += XMLText.tag("NextPartNumberMarker", last.number) }
        for part in page {
            text += "<Part>" + XMLText.tag("PartNumber", part.number) + XMLText.tag("ETag", "\"\(part.etag)\"")
            text += XMLText.tag("Size", part.size) + XMLText.tag("LastModified", part.modified.iso8601) + "</Part>"
        }
        return xml("ListPartsResult", text)
    }

    func listUploads() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:ListBucketMultipartUploads")
        let prefix = parameter("prefix") ?? ""
        var text = XMLText.tag("Bucket", try bucket()) + XMLText.tag("IsTruncated", false)
        for upload in try await store.uploads(in: try bucket()) where upload.key.hasPrefix(prefix) {
            text += "<Upload>" + XMLText.tag("Key", upload.key.text) + XMLText.tag("UploadId", upload.id) + ownerXML
            text += XMLText.tag("StorageClass", "STANDARD")
            text += XMLText.tag("Initiated", upload.initiated.iso8601) + "</Upload>"
        }
        return xml("ListMultipartUploadsResult", text)
    }
}
