/// ListObjects in both versions, and DeleteObjects.
extension S3Service.Call {
    /// Most keys in one DeleteObjects request (S3).
    private static let mostDeletes = 1000

    private func listQuery(after: String) throws(S3Error) -> ListQuery {
        var query = ListQuery(prefix: parameter("prefix") ?? "", delimiter: parameter("delimiter") ?? "", after: after)
        if let text = parameter("max-keys") {
            guard let count = Int(text), count >= 0, count <= Int32.max else {
                throw .invalidArgument("Argument maxKeys must be an integer between 0 and 2147483647")
            }
            query.maxKeys = min(count, ListQuery.mostKeys)
        }
        return query
    }

    /// How names are written in the answer: as they are, or URI-encoded if the client asked for it.
    private func namer() throws(S3Error) -> (String) -> String {
        switch parameter("encoding-type") {
        case nil: return { $0 }
        case "url": return { PercentEncoding.encode($0.utf8, keepingSlash: true) }
        case .some: throw .invalidArgument("Invalid Encoding Method specified in Request")
        }
    }

    private func entries(_ page: ListPage, name: (String) -> String, withOwner: Bool) -> String {
        var text = ""
        for record in page.records {
            text += "<Contents>" + XMLText.tag("Key", name(record.key.text))
            text += XMLText.tag("LastModified", record.modified.iso8601) + XMLText.tag("ETag", "\"\(record.etag)\"")
            text += XMLText.tag("Size", record.size) + (withOwner ? ownerXML : "")
            text += XMLText.tag("StorageClass", "STANDARD") + "</Contents>"
        }
        for prefix in page.commonPrefixes {
            text += "<CommonPrefixes>" + XMLText.tag("Prefix", name(prefix)) + "</CommonPrefixes>"
        }
        return text
    }

    private func common(_ query: ListQuery, name: (String) -> String, isTruncated: Bool) throws(S3Error) -> String {
        var text = XMLText.tag("Name", try bucket()) + XMLText.tag("Prefix", name(query.prefix))
        if !query.delimiter.isEmpty { text += XMLText.tag("Delimiter", name(query.delimiter)) }
        text += XMLText.tag("MaxKeys", query.maxKeys) + XMLText.tag("IsTruncated", isTruncated)
        if let encoding = parameter("encoding-type") { text += XMLText.tag("EncodingType", encoding) }
        return text
    }

    func listObjects() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:ListBucket")
        let name = try namer()
        let query = try listQuery(after: parameter("marker") ?? "")
        let page = try await store.list(query, in: try bucket())
        var text = try common(query, name: name, isTruncated: page.next != nil)
        text += XMLText.tag("Marker", name(query.after))
        if let next = page.next { text += XMLText.tag("NextMarker", name(next)) }
        return xml("ListBucketResult", text + entries(page, name: name, withOwner: true))
    }

    func listObjectsV2() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:ListBucket")
        let name = try namer()
        var after = parameter("start-after") ?? ""
        if let token = parameter("continuation-token") {
            // Our tokens are the last name in hexadecimal.
            guard let bytes = PercentEncoding.decode(token.utf8.pairs.map { "%" + $0 }.joined()), !bytes.isEmpty,
                let text = String(validating: bytes, as: UTF8.self)
            else { throw .invalidArgument("The continuation token provided is incorrect") }
            after = text
        }
        let query = try listQuery(after: after)
        let page = try await store.list(query, in: try bucket())
        var text = try common(query, name: name, isTruncated: page.next != nil)
        text += XMLText.tag("KeyCount", page.records.count + page.commonPrefixes.count)
        if let token = parameter("continuation-token") { text += XMLText.tag("ContinuationToken", token) }
        if let start = parameter("start-after") { text += XMLText.tag("StartAfter", name(start)) }
        if let next = page.next { text += XMLText.tag("NextContinuationToken", next.utf8.hex) }
        let withOwner = parameter("fetch-owner") == "true"
        return xml("ListBucketResult", text + entries(page, name: name, withOwner: withOwner))
    }

    func deleteObjects() async throws(S3Error) -> HTTP.Response {
        let access = try await store.access(of: try bucket())
        let root = try XMLElement.parse(try await smallBody(limit: Self.largestXML))
        let objects = root.all("Object")
        guard root.name == "Delete", (1...Self.mostDeletes).contains(objects.count) else { throw .malformedXML }
        let isQuiet = root.first("Quiet")?.text == "true"
        var text = ""
        for object in objects {
            guard let name = object.first("Key")?.text, !name.isEmpty else { throw .malformedXML }
            let resource = S3Target.resource(of: ObjectKey(name), in: try bucket())
            do throws(S3Error) {
                if object.first("VersionId") != nil { throw .notImplemented("versions") }
                guard access.allows(caller, "s3:DeleteObject", on: resource) else { throw .accessDenied }
                try await store.delete(ObjectKey(name), in: try bucket())
                if !isQuiet { text += "<Deleted>" + XMLText.tag("Key", name) + "</Deleted>" }
            } catch {
                text += "<Error>" + XMLText.tag("Key", name) + XMLText.tag("Code", error.answer.code)
                text += XMLText.tag("Message", error.answer.message) + "</Error>"
            }
        }
        return xml("DeleteResult", text)
    }
}

extension S3Target {
    /// ARN of an object.
    static func resource(of key: ObjectKey, in bucket: String) -> String { "arn:aws:s3:::\(bucket)/\(key.text)" }
}

extension String.UTF8View {
    /// The text in pieces of two bytes; the last may be shorter.
    var pairs: [String] {
        let bytes = Array(self)
        return stride(from: 0, to: bytes.count, by: 2).map { start in
            String(decoding: bytes[start..<Swift.min(start + 2, bytes.count)], as: UTF8.self)
        }
    }
}
