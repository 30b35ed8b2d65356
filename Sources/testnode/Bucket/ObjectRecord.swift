/// A key as S3 compares keys: by bytes, where Swift's strings would take differently composed letters as equal.
struct ObjectKey: Sendable, Hashable, Comparable {
    /// S3's limit, in bytes of UTF-8.
    static let longest = 1024

    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ObjectKey, right: ObjectKey) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }
    static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
    func hash(into hasher: inout Hasher) { hasher.combine(Array(text.utf8)) }

    func hasPrefix(_ prefix: String) -> Bool { text.utf8.starts(with: prefix.utf8) }
}

/// Headers a client stores with an object and gets back with it.
struct ObjectHeaders: Sendable, Equatable {
    /// S3's limit on user metadata, in bytes of names and values.
    static let largestMetadata = 2048
    private static let standard = [
        "cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires",
    ]

    /// In the order sent: standard fields and `x-amz-meta-` fields, names in lower case.
    var fields: [(name: String, value: String)] = []

    static func == (left: ObjectHeaders, right: ObjectHeaders) -> Bool {
        left.fields.elementsEqual(right.fields) { $0.name == $1.name && $0.value == $1.value }
    }

    init(fields: [(name: String, value: String)]) { self.fields = fields }

    /// Takes what is to be stored from a request's header fields.
    init(from headers: HTTP.Headers) throws(S3Error) {
        var metadataSize = 0
        for (name, value) in headers.fields {
            if name.hasPrefix("x-amz-meta-") {
                metadataSize += name.utf8.count - "x-amz-meta-".utf8.count + value.utf8.count
                fields.append((name, value))
            } else if name == "content-encoding" {
                // aws-chunked describes the transfer, not the object.
                let codings = value.split(separator: ",").map { $0.trimmingSpaces() }.filter { $0 != "aws-chunked" }
                if !codings.isEmpty { fields.append((name, codings.joined(separator: ","))) }
            } else if Self.standard.contains(name) {
                fields.append((name, value))
            }
        }
        guard metadataSize <= Self.largestMetadata else { throw .metadataTooLarge }
    }
}

/// All that is known about a stored object but its bytes.
struct ObjectRecord: Sendable {
    var key: ObjectKey
    /// Name of the file that holds the bytes.
    var blob: String
    /// In bytes.
    var size: Int
    /// Without quotes: MD5, or MD5 of the parts' MD5s and their number.
    var etag: String
    var modified: Timestamp
    var acl: CannedACL
    var headers: ObjectHeaders
    /// Confirmed at upload; algorithm's field name and base64 value.
    var checksum: (field: String, base64: String)?

    var json: JSON {
        .make([
            "key": .string(key.text), "blob": .string(blob), "size": .int(size), "etag": .string(etag),
            "modified_ns": .int(modified.nanoseconds), "acl": .string(acl.rawValue),
            "headers": .array(headers.fields.map { .array([.string($0.name), .string($0.value)]) }),
            "checksum": checksum.map { .array([.string($0.field), .string($0.base64)]) },
        ])
    }

    init(
        key: ObjectKey, blob: String, size: Int, etag: String, modified: Timestamp, acl: CannedACL,
        headers: ObjectHeaders, checksum: (field: String, base64: String)? = nil
    ) {
        self.key = key
        self.blob = blob
        self.size = size
        self.etag = etag
        self.modified = modified
        self.acl = acl
        self.headers = headers
        self.checksum = checksum
    }

    /// Reads ``json``; nil if something is missing or wrong.
    init?(_ json: JSON) {
        guard let key = json["key"]?.text, let blob = json["blob"]?.text, let size = json["size"]?.integer,
            let etag = json["etag"]?.text, let modified = json["modified_ns"]?.integer,
            let acl = json["acl"]?.text.flatMap(CannedACL.init), let headers = json["headers"]?.items
        else { return nil }
        func pair(_ json: JSON) -> (name: String, value: String)? {
            guard let items = json.items, items.count == 2, let name = items[0].text, let value = items[1].text else {
                return nil
            }
            return (name, value)
        }
        self.init(
            key: ObjectKey(key), blob: blob, size: size, etag: etag,
            modified: Timestamp(nanoseconds: Int64(modified)), acl: acl,
            headers: ObjectHeaders(fields: headers.compactMap(pair)),
            checksum: json["checksum"].flatMap(pair).map { ($0.name, $0.value) })
    }
}

/// A multipart upload that was begun and neither completed nor aborted.
struct MultipartUpload: Sendable {
    struct Part: Sendable {
        var number: Int
        var blob: String
        /// In bytes.
        var size: Int
        /// MD5 in hexadecimal.
        var etag: String
        var modified: Timestamp
    }

    var id: String
    var key: ObjectKey
    var initiated: Timestamp
    var acl: CannedACL
    var headers: ObjectHeaders
    /// By part number, 1 to 10000.
    var parts: [Int: Part] = [:]

    var json: JSON {
        .make([
            "id": .string(id), "key": .string(key.text), "initiated_ns": .int(initiated.nanoseconds),
            "acl": .string(acl.rawValue),
            "headers": .array(headers.fields.map { .array([.string($0.name), .string($0.value)]) }),
            "parts": .array(
                parts.values.sorted { $0.number < $1.number }.map { part in
                    .make([
                        "number": .int(part.number), "blob": .string(part.blob), "size": .int(part.size),
                        "etag": .string(part.etag), "modified_ns": .int(part.modified.nanoseconds),
                    ])
                }),
        ])
    }

    init(id: String, key: ObjectKey, initiated: Timestamp, acl: CannedACL, headers: ObjectHeaders) {
        self.id = id
        self.key = key
        self.initiated = initiated
        self.acl = acl
        self.headers = headers
    }

    /// Reads ``json``; nil if something is missing or wrong.
    init?(_ json: JSON) {
        guard let id = json["id"]?.text, let key = json["key"]?.text, let initiated = json["initiated_ns"]?.integer,
            let acl = json["acl"]?.text.flatMap(CannedACL.init), let headers = json["headers"]?.items,
            let parts = json["parts"]?.items
        else { return nil }
        let fields = headers.compactMap { pair -> (name: String, value: String)? in
            guard let items = pair.items, items.count == 2, let name = items[0].text, let value = items[1].text else {
                return nil
            }
            return (name, value)
        }
        self.init(
            id: id, key: ObjectKey(key), initiated: Timestamp(nanoseconds: Int64(initiated)), acl: acl,
            headers: ObjectHeaders(fields: fields))
        for part in parts {
            guard let number = part["number"]?.integer, let blob = part["blob"]?.text,
                let size = part["size"]?.integer, let etag = part["etag"]?.text,
                let modified = part["modified_ns"]?.integer
            else { return nil }
            self.parts[number] = Part(
                number: number, blob: blob, size: size, etag: etag,
                modified: Timestamp(nanoseconds: Int64(modified)))
        }
    }
}
