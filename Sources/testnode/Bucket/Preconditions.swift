/// The conditional header fields of a read (RFC 9110 section 13, in S3's order of evaluation).
struct Preconditions {
    private let headers: HTTP.Headers
    private let prefix: String

    /// - Parameter prefix: stands before each field's name: empty for reads, `x-amz-copy-source-` for the source of a
    ///   copy.
    init(_ headers: HTTP.Headers, prefix: String = "") {
        self.headers = headers
        self.prefix = prefix
    }

    /// True if the answer is 304; throws ``S3Error/preconditionFailed`` if it is 412.
    func isUnmodified(_ record: ObjectRecord) throws(S3Error) -> Bool {
        let modified = record.modified.seconds
        if let wanted = headers[prefix + "if-match"] {
            guard Self.lists(record.etag, in: wanted) else { throw .preconditionFailed }
        } else if let limit = headers[prefix + "if-unmodified-since"].flatMap(Timestamp.init(httpDate:)),
            modified > limit.seconds
        {
            throw .preconditionFailed
        }
        if let known = headers[prefix + "if-none-match"] { return Self.lists(record.etag, in: known) }
        if let since = headers[prefix + "if-modified-since"].flatMap(Timestamp.init(httpDate:)) {
            return modified <= since.seconds
        }
        return false
    }

    private static func lists(_ etag: String, in field: String) -> Bool {
        field.split(separator: ",").contains { item in
            var tag = item.trimmingSpaces()
            if tag.hasPrefix("W/") { tag.removeFirst(2) }
            return tag == "*" || tag == "\"\(etag)\"" || tag == etag
        }
    }
}

/// A `Range` header field of one range (RFC 9110 section 14.2).
struct ByteRange {
    var range: Range<Int>

    /// Nil if there is no field, or one that S3 ignores: another unit, several ranges, or nonsense.
    /// Throws ``S3Error/invalidRange`` if it lies outside the object.
    init?(_ field: String?, size: Int) throws(S3Error) {
        guard let field, field.hasPrefix("bytes=") else { return nil }
        let parts = field.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false).map {
            $0.trimmingSpaces()
        }
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return nil
        }
        switch (Int(parts[0]), Int(parts[1])) {
        case (nil, nil): return nil
        case (nil, .some(let length)):
            guard parts[0].isEmpty, length > 0, size > 0 else { throw .invalidRange }
            range = max(0, size - length)..<size
        case (.some(let first), let last):
            if let last, last < first { return nil }
            guard last != nil || parts[1].isEmpty, first < size else { throw .invalidRange }
            range = first..<(min(last ?? size - 1, size - 1) + 1)
        }
    }
}
