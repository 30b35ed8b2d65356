import Timeline

/// Texts for people: seconds, moments, and what hosts said made harmless.
enum Text {
    /// `15.7 s`.
    static func seconds(_ value: Double) -> String { fixed(value, decimals: 1) + " s" }

    /// Incident time to the second: `7m51s`.
    static func incident(_ seconds: Double) -> String {
        DurationText(.seconds(Int64(min(max(seconds, 0), 3e7).rounded()))).description
    }

    /// `4:05` or `1:02:03`, for clocks that run.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 3e7))
        func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let minutes = "\(whole >= 3600 ? padded(whole / 60 % 60) : String(whole / 60)):\(padded(whole % 60))"
        return whole >= 3600 ? "\(whole / 3600):\(minutes)" : minutes
    }

    static func fixed(_ value: Double, decimals: Int) -> String {
        JSON.double(value).text(.init(decimals: decimals))
    }

    /// One line without control characters, so that nothing a host said can move the cursor or change colours.
    static func harmless(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: result += " "
            // Marks that turn the direction of text around could make a line read as something else.
            case .format: continue
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// `text` cut to `width` columns, with `…` where it was cut.
    static func cut(_ text: String, to width: Int) -> String {
        guard text.count > width else { return text }
        return width <= 1 ? String(text.prefix(max(0, width))) : text.prefix(width - 1) + "…"
    }

    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func right(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// Words filled into lines of at most `width` columns; a longer word is broken.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            var word = word
            while word.count > width {
                if !line.isEmpty { lines.append(line) }
                line = ""
                lines.append(String(word.prefix(max(1, width))))
                word = word.dropFirst(max(1, width))
            }
            if word.isEmpty { continue }
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty && !lines.isEmpty ? lines : lines + [line]
    }
}

extension Verdict.Time {
    /// Wall time in words: `15.7 s`, `> 90.0 s` when censored, `-` when there was nothing to measure.
    var wallText: String { wall.map { (isCensored ? "> " : "") + Text.seconds($0) } ?? "-" }

    /// Incident time in words, likewise.
    var incidentText: String { incident.map { (isCensored ? "> " : "") + Text.incident($0) } ?? "-" }
}

extension Verdict.Fact {
    /// What became of the fact, in a word or two for tables.
    var findingText: String {
        switch finding {
        case .observed: "observed"
        case .missing: "missing"
        case .early: "too early"
        case .absent: "absent"
        case .prevented: "prevented"
        case .unprovoked: "unprovoked"
        case .notLookedFor: "not looked for"
        }
    }

    /// Whether the fact speaks against the run.
    var isBad: Bool {
        switch finding {
        case .missing, .early, .unprovoked: true
        case .observed, .absent, .prevented, .notLookedFor: false
        }
    }
}
