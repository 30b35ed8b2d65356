/// The characters that one place of a pattern can match: each ASCII character, and all others together.
struct CharacterChoice: Sendable, Hashable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    private var others = false

    static let any: Self = {
        var all = Self()
        (all.low, all.high, all.others) = (.max, .max, true)
        return all
    }()
    static let digits = Self("0"..."9")
    static let word = Self("a"..."z").union(Self("A"..."Z")).union(digits).union(Self("_"..."_"))
    static let space = [" ", "\t", "\n", "\r", "\u{b}", "\u{c}"].reduce(Self()) { $0.union(Self($1...$1)) }

    init() {}

    init(_ range: ClosedRange<Unicode.Scalar>) {
        others = range.upperBound.value > 127
        for value in UInt64(0)...127 where range.contains(Unicode.Scalar(UInt8(value))) {
            if value < 64 { low |= 1 << value } else { high |= 1 << (value - 64) }
        }
    }

    func union(_ other: Self) -> Self {
        var all = self
        all.low |= other.low
        all.high |= other.high
        all.others = others || other.others
        return all
    }

    /// Everything else; characters beyond ASCII are kept, because which of them are meant is not known.
    var inverted: Self {
        var rest = self
        (rest.low, rest.high, rest.others) = (~low, ~high, true)
        return rest
    }

    func overlaps(_ other: Self) -> Bool {
        low & other.low != 0 || high & other.high != 0 || (others && other.others)
    }
}

/// A regular expression as far as its ambiguity goes. What is not understood matches anything, which errs on the side of
/// refusing.
indirect enum PatternTree {
    case characters(CharacterChoice)
    case sequence([PatternTree])
    case choice([PatternTree])
    /// At least `least` times, at most `most` (nil: any number).
    case repeated(PatternTree, least: Int, most: Int?)
}

/// Reads a pattern that the compiler of regular expressions has accepted.
struct PatternTreeReader {
    private var rest: Substring.UnicodeScalarView
    /// What look-aheads and look-behinds hold: parts that are matched on their own.
    private(set) var asides: [PatternTree] = []

    init(_ text: String) { rest = text[...].unicodeScalars }

    mutating func read() -> PatternTree {
        var branches: [PatternTree] = []
        repeat {
            branches.append(branch())
        } while take("|")
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func branch() -> PatternTree {
        var parts: [PatternTree] = []
        while let next = rest.first, next != "|", next != ")" {
            guard let part = atom() else { continue }
            parts.append(quantified(part))
        }
        return .sequence(parts)
    }

    /// Nil for what matches no character.
    private mutating func atom() -> PatternTree? {
        switch rest.removeFirst() {
        case "^", "$": return nil
        case ".": return .characters(.any)
        case "[": return .characters(set())
        case "(": return group()
        case "\\": return escape().map(PatternTree.characters)
        case let scalar: return .characters(CharacterChoice(scalar...scalar))
        }
    }

    private mutating func group() -> PatternTree? {
        var isAside = false
        if take("?") {
            var mark = ""
            while let next = rest.first, !":=!>)".unicodeScalars.contains(next) {
                mark.unicodeScalars.append(rest.removeFirst())
            }
            guard let end = rest.first else { return nil }
            rest.removeFirst()
            // Flags without a body, such as (?i).
            if end == ")" { return nil }
            isAside = end == "=" || end == "!"
        }
        let inner = read()
        _ = take(")")
        guard isAside else { return inner }
        asides.append(inner)
        return nil
    }

    /// After a backslash. Nil for a boundary.
    private mutating func escape() -> CharacterChoice? {
        guard let scalar = rest.popFirst() else { return nil }
        switch scalar {
        case "d": return .digits
        case "w": return .word
        case "s": return .space
        case "n": return CharacterChoice("\n"..."\n")
        case "t": return CharacterChoice("\t"..."\t")
        case "r": return CharacterChoice("\r"..."\r")
        case "D": return CharacterChoice.digits.inverted
        case "W": return CharacterChoice.word.inverted
        case "S": return CharacterChoice.space.inverted
        case "b", "B", "A", "z", "Z", "G": return nil
        default:
            guard scalar.properties.isAlphabetic || scalar.properties.numericType != nil else {
                return CharacterChoice(scalar...scalar)
            }
            // A property, a code point, an earlier group: any of many characters.
            if take("{") { while let next = rest.popFirst(), next != "}" {} }
            return .any
        }
    }

    /// After an opening bracket.
    private mutating func set() -> CharacterChoice {
        let isInverted = take("^")
        var found = CharacterChoice()
        var isPlain = true
        var isFirst = true
        while let scalar = rest.popFirst(), scalar != "]" || isFirst {
            isFirst = false
            if scalar == "[" {
                // A set in a set: read past it.
                _ = set()
                isPlain = false
                continue
            }
            if scalar == "&" || scalar == "~" || scalar == "-", rest.first == scalar { isPlain = false }
            if scalar == "\\" {
                found = found.union(escape() ?? .any)
                continue
            }
            var upper = scalar
            if rest.first == "-", let bound = rest.dropFirst().first, bound != "]", bound != "\\" {
                rest.removeFirst(2)
                upper = bound
            }
            if scalar.value <= upper.value {
                found = found.union(CharacterChoice(scalar...upper))
            } else {
                isPlain = false
            }
        }
        guard isPlain else { return .any }
        return isInverted ? found.inverted : found
    }

    private mutating func quantified(_ part: PatternTree) -> PatternTree {
        var part = part
        while let bounds = quantifier() {
            part = .repeated(part, least: bounds.least, most: bounds.most)
            // Lazy or possessive: the same repetitions.
            if rest.first == "?" || rest.first == "+" { rest.removeFirst() }
        }
        return part
    }

    private mutating func quantifier() -> (least: Int, most: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard rest.first == "{", let end = rest.firstIndex(of: "}") else { return nil }
        let text = String(rest[rest.index(after: rest.startIndex)..<end])
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, parts.allSatisfy({ $0.allSatisfy(\.isNumber) }), parts != [""] else { return nil }
        rest = rest[rest.index(after: end)...]
        let least = Int(parts[0]) ?? 0
        return (least, parts.count == 1 ? least : Int(parts[1]))
    }
}
