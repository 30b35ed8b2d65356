/// Which bucket and object a request is about, and which of their sub-resources.
struct S3Target: Sendable, Equatable {
    var bucket: String?
    /// Nil for a request about the bucket itself.
    var key: ObjectKey?

    /// Query names that choose another operation on S3. Those not implemented here must be refused, never ignored:
    /// `PUT /bucket/key?tagging` would otherwise overwrite the object.
    static let subresources: Set<String> = [
        "accelerate", "acl", "analytics", "attributes", "cors", "delete", "encryption", "intelligent-tiering",
        "inventory", "legal-hold", "lifecycle", "location", "logging", "metadataTable", "metrics", "notification",
        "object-lock", "ownershipControls", "partNumber", "policy", "policyStatus", "publicAccessBlock", "renameObject",
        "replication", "requestPayment", "restore", "retention", "select", "session", "tagging", "torrent", "uploadId",
        "uploads", "versionId", "versioning", "versions", "website",
    ]

    /// Header fields that ask for something this server does not do.
    private static let unsupportedHeaders = [
        "x-amz-grant-", "x-amz-object-lock-", "x-amz-server-side-encryption", "x-amz-tagging",
        "x-amz-website-redirect-location", "x-amz-mfa", "x-amz-write-offset-bytes",
    ]

    /// - Parameter host: the endpoint's own name; `bucket.host` addresses a bucket in virtual-host style.
    init(_ head: HTTP.Head, host: String) throws(S3Error) {
        guard let bytes = PercentEncoding.decode(head.path), let path = String(validating: bytes, as: UTF8.self) else {
            throw .invalidURI
        }
        var rest = Substring(path)
        guard rest.utf8.first == 0x2F else { throw .invalidURI }
        rest = Substring(rest.utf8.dropFirst())
        let name = (head.headers["host"] ?? "").lowercased().split(separator: ":").first.map(String.init) ?? ""
        if name.hasSuffix("." + host.lowercased()) {
            bucket = String(name.dropLast(host.utf8.count + 1))
        } else {
            let end = rest.utf8.firstIndex(of: 0x2F) ?? rest.endIndex
            bucket = rest[..<end].isEmpty ? nil : String(rest[..<end])
            rest = Substring(rest[end...].utf8.dropFirst())
        }
        if bucket != nil, !rest.isEmpty {
            guard rest.utf8.count <= ObjectKey.longest else { throw .keyTooLong }
            key = ObjectKey(String(rest))
        }
        for (name, value) in head.headers.fields {
            if Self.unsupportedHeaders.contains(where: name.hasPrefix) { throw .notImplemented("the header \(name)") }
            if name == "x-amz-storage-class", value != "STANDARD" {
                throw .notImplemented("the storage class \(value)")
            }
        }
    }

    /// ARN of the bucket or object, as policies name it.
    var resource: String {
        "arn:aws:s3:::" + (bucket ?? "*") + (key.map { "/" + $0.text } ?? "")
    }

    /// True for names S3 accepts (S3, "General purpose bucket naming rules").
    static func isValidBucketName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (3...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        func isPlain(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
        return isPlain(first) && isPlain(last) && bytes.allSatisfy { isPlain($0) || $0 == 0x2D || $0 == 0x2E }
            && !name.contains("..") && name.contains { !$0.isNumber && $0 != "." }
    }
}
