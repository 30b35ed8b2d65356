import Foundation

/// Reads `genesis.json` as nodeos takes it with `--genesis-json`, and gives the lines of `DPoSGenesis`.
///
/// `initial_timestamp` is nodeos's own; `initial_key` and `initial_configuration` may stand there and do not matter here.
/// What the real chain's system contract sets up stands there too: `network`, `seed`, `block_interval_ms`,
/// `producer_repetitions` (default 1), `producers` (`producer_name`, `key_name`, `url`) and `accounts`
/// (`account_name`, `balance`).
enum EOSGenesis {
    private static let known: Set<String> = [
        "initial_timestamp", "initial_key", "initial_configuration", "network", "seed", "block_interval_ms",
        "producer_repetitions", "producers", "accounts",
    ]
    private static let deepest = 8

    /// Whether a genesis file's text is meant to be JSON: the line format never begins with a brace.
    static func isJSON(_ text: String) -> Bool { text.first { !$0.isWhitespace } == "{" }

    /// The lines that say the same as the JSON text; `file` only names it in errors.
    static func lines(json text: String, file: String) throws(GenesisError) -> String {
        func problem(_ text: String) -> GenesisError { .line(file: file, line: 1, problem: text) }
        let genesis: JSON
        do {
            genesis = try JSON.parse(Array(text.utf8), depth: deepest)
        } catch {
            throw problem("\(error)")
        }
        if let unknown = genesis.members?.first(where: { !known.contains($0.name) })?.name {
            throw problem("unknown key \"\(unknown)\"; known are \(known.sorted().joined(separator: ", "))")
        }
        /// A text without white space, so that it is one word of a line.
        func word(_ object: JSON, _ key: String) throws(GenesisError) -> String {
            guard let text = object[key]?.text else { throw .missing(file: file, key: key) }
            guard !text.contains(where: { $0.isWhitespace || $0 == "#" }) else {
                throw problem("\"\(key)\" must be a text without spaces and '#'")
            }
            return text
        }
        func number(_ object: JSON, _ key: String) throws(GenesisError) -> Int {
            guard let number = object[key]?.integer, number >= 0 else { throw .missing(file: file, key: key) }
            return number
        }
        guard let seconds = Self.seconds(try word(genesis, "initial_timestamp")) else {
            throw problem("\"initial_timestamp\" must be a time such as 2018-06-08T12:00:00.000")
        }
        var lines = [
            "engine dpos", "network \(try word(genesis, "network"))", "seed \(try word(genesis, "seed"))",
            "genesis_time \(seconds)", "slot \(try number(genesis, "block_interval_ms"))ms",
        ]
        if genesis["producer_repetitions"] != nil {
            lines.append("repetitions \(try number(genesis, "producer_repetitions"))")
        }
        for producer in genesis["producers"]?.items ?? [] {
            let url = producer["url"] == nil ? "" : " " + (try word(producer, "url"))
            lines.append("producer \(try word(producer, "producer_name")) \(try word(producer, "key_name"))\(url)")
        }
        for account in genesis["accounts"]?.items ?? [] {
            lines.append("account \(try word(account, "account_name")) \(try number(account, "balance"))")
        }
        return lines.joined(separator: "\n")
    }

    /// Seconds since 1970 of a time in UTC without a zone; a part of a second is dropped. nil when it is no such time.
    private static func seconds(_ text: String) -> Int? {
        guard let match = text.wholeMatch(of: /(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,6})?/),
            let year = Int32(match.1), let month = Int32(match.2), let day = Int32(match.3), let hour = Int32(match.4),
            let minute = Int32(match.5), let second = Int32(match.6), (1...12).contains(month), (1...31).contains(day),
            hour < 24, minute < 60, second < 60, year >= 1970
        else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, month - 1, day)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (hour, minute, second)
        return timegm(&parts)
    }
}
