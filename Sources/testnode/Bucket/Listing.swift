/// What a listing asks for.
struct ListQuery: Sendable {
    /// S3's most for one page.
    static let mostKeys = 1000

    var prefix = ""
    /// Keys that share the text from `prefix` to the next delimiter are rolled up into one; empty for none.
    var delimiter = ""
    /// Only keys, and rolled-up prefixes, after this one.
    var after = ""
    var maxKeys = mostKeys
}

/// One page of a listing. Keys and rolled-up prefixes count alike.
struct ListPage: Sendable {
    var records: [ObjectRecord] = []
    var commonPrefixes: [String] = []
    /// Last key or prefix on this page if there is more.
    var next: String?
}

extension ListQuery {
    /// - Parameter keys: all keys of the bucket in order.
    func page(of keys: [ObjectKey], records: [ObjectKey: ObjectRecord]) -> ListPage {
        var page = ListPage()
        guard maxKeys > 0 else { return page }
        let start = ObjectKey(after.utf8.lexicographicallyPrecedes(prefix.utf8) ? prefix : after)
        var index = keys.partitioningIndex { $0 >= start }
        var last: String?
        while index < keys.count, keys[index].hasPrefix(prefix) {
            let key = keys[index]
            let entry = rolledUp(key) ?? key.text
            // After a page that ended with a rolled-up prefix, everything below that prefix was on it.
            let isDone = !after.isEmpty && !after.utf8.lexicographicallyPrecedes(entry.utf8)
            if isDone || entry.utf8.elementsEqual((last ?? "").utf8) && last != nil {
                index += 1
                continue
            }
            if page.records.count + page.commonPrefixes.count == maxKeys {
                page.next = last
                return page
            }
            if rolledUp(key) != nil {
                page.commonPrefixes.append(entry)
            } else if let record = records[key] {
                page.records.append(record)
            }
            last = entry
            index += 1
        }
        return page
    }

    /// The prefix that stands for a key in the listing, if the delimiter occurs after the asked prefix.
    private func rolledUp(_ key: ObjectKey) -> String? {
        guard !delimiter.isEmpty else { return nil }
        let rest = Array(key.text.utf8.dropFirst(prefix.utf8.count))
        let mark = Array(delimiter.utf8)
        guard rest.count >= mark.count else { return nil }
        for start in 0...(rest.count - mark.count) where rest[start..<start + mark.count].elementsEqual(mark) {
            return prefix + String(decoding: rest[..<(start + mark.count)], as: UTF8.self)
        }
        return nil
    }
}

extension Array {
    /// The first index whose element satisfies `predicate`, where all elements after it do too.
    func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
