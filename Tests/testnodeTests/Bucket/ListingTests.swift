import Testing

@testable import testnode

@Suite("Listings")
struct ListingTests {
    static func page(_ query: ListQuery, of names: [String]) -> ListPage {
        var records: [ObjectKey: ObjectRecord] = [:]
        for name in names {
            let key = ObjectKey(name)
            records[key] = ObjectRecord(
                key: key, blob: "", size: 0, etag: "", modified: Timestamp(nanoseconds: 0), acl: .private,
                headers: ObjectHeaders(fields: []))
        }
        return query.page(of: records.keys.sorted(), records: records)
    }

    /// All pages, one after the other.
    static func all(_ query: ListQuery, of names: [String]) -> [[String]] {
        var pages: [[String]] = []
        var query = query
        while pages.count < 100 {
            let page = page(query, of: names)
            pages.append(page.records.map(\.key.text) + page.commonPrefixes)
            guard let next = page.next else { break }
            query.after = next
        }
        return pages
    }

    static let names = ["a", "b/1", "b/2", "b/c/3", "c", "é", "e\u{301}", "z/"]

    @Test func keysAreOrderedByBytesAndNotByMeaning() {
        // Two spellings of é are two keys, and both come after z.
        let page = Self.page(ListQuery(), of: Self.names)
        #expect(
            page.records.map { Array($0.key.text.utf8) }
                == Self.names.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
    }

    @Test func aDelimiterRollsUp() {
        let page = Self.page(ListQuery(delimiter: "/"), of: Self.names)
        #expect(page.records.map(\.key.text) == ["a", "c", "e\u{301}", "é"])
        #expect(page.commonPrefixes == ["b/", "z/"])
        let below = Self.page(ListQuery(prefix: "b/", delimiter: "/"), of: Self.names)
        #expect(below.records.map(\.key.text) == ["b/1", "b/2"] && below.commonPrefixes == ["b/c/"])
    }

    @Test(arguments: 1...8)
    func pagesJoinToTheWhole(size: Int) {
        for delimiter in ["", "/"] {
            for prefix in ["", "b", "b/"] {
                let query = ListQuery(prefix: prefix, delimiter: delimiter, maxKeys: size)
                let pages = Self.all(query, of: Self.names)
                var whole = query
                whole.maxKeys = 1000
                #expect(pages.flatMap { $0 }.sorted() == Self.all(whole, of: Self.names)[0].sorted())
                #expect(pages.allSatisfy { $0.count <= size })
            }
        }
    }

    @Test func noKeysAskedNoKeysGiven() {
        let page = Self.page(ListQuery(maxKeys: 0), of: Self.names)
        #expect(page.records.isEmpty && page.next == nil)
    }
}

@Suite("Conditions and ranges of reads")
struct PreconditionsTests {
    @Test(arguments: [
        ("bytes=0-9", 0..<10), ("bytes=5-", 5..<100), ("bytes=-7", 93..<100), ("bytes=0-1000", 0..<100),
        ("bytes=-1000", 0..<100), ("bytes=99-99", 99..<100),
    ])
    func understandsOneRange(field: String, range: Range<Int>) throws {
        #expect(try ByteRange(field, size: 100)?.range == range)
    }

    @Test(arguments: ["bytes=9-5", "bytes=a-b", "lines=0-9", "bytes=0-1,3-4", "bytes=-", ""])
    func ignoresWhatS3Ignores(field: String) throws {
        #expect(try ByteRange(field, size: 100) == nil)
    }

    @Test(arguments: ["bytes=100-", "bytes=100-200", "bytes=-0"])
    func refusesARangeOutside(field: String) {
        #expect(throws: S3Error.invalidRange) { try ByteRange(field, size: 100) }
    }
}
