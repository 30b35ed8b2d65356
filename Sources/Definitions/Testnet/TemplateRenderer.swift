import Mustache
import Synchronization

/// Renders `*.mustache` files of layers as plain text. Unlike plain Mustache, a name that nothing defines is an error.
enum TemplateRenderer {
    /// Sections inside each other; bounds the size of the output.
    private static let deepestSections = 3

    /// - Throws: `ExpressionError` that names the unknown name or the wrong tag.
    static func render(_ text: String, context: TemplateContext) throws(ExpressionError) -> String {
        let tags = tags(in: text)
        try check(tags)
        let template: MustacheTemplate
        do {
            // The pragma turns HTML escaping off; its line leaves no trace in the output.
            template = try MustacheTemplate(string: "{{% CONTENT_TYPE: TEXT}}\n" + text)
        } catch {
            let context = (error as? MustacheTemplate.ParserError)?.context
            throw ExpressionError(
                "the template cannot be parsed", remedy: "Check that every {{#section}} is closed by {{/section}}.",
                // Without the line of the pragma.
                place: context.map { TextPlace(line: max(1, $0.lineNumber - 1), column: $0.columnNumber) })
        }
        let misses = TemplateMisses()
        let result = template.render(RootValues(context: context, misses: misses))
        if let miss = misses.first {
            throw ExpressionError(
                "the template uses '\(Quote.short(miss.name))', which is not defined",
                remedy: NearMiss.hint(for: miss.name, among: miss.known, noun: "value"),
                place: place(of: miss.name, in: tags))
        }
        return result
    }

    private struct Tag {
        /// What comes after the braces: `#`, or the first letter of a variable.
        var mark: Character
        var name: Substring
        var place: TextPlace
    }

    private static func tags(in text: String) -> [Tag] {
        var place = TextPlace(line: 1, column: 1)
        var tags: [Tag] = []
        for (index, part) in text.components(separatedBy: "{{").enumerated() {
            if index > 0 {
                if let mark = part.first(where: { $0 != " " }) {
                    let name = part.drop { " #^/&{".contains($0) }.prefix { !"} \n".contains($0) }
                    tags.append(Tag(mark: mark, name: name, place: place))
                }
                place.column += 2
            }
            for scalar in part.unicodeScalars {
                place =
                    scalar == "\n"
                    ? TextPlace(line: place.line + 1, column: 1)
                    : TextPlace(line: place.line, column: place.column + 1)
            }
        }
        return tags
    }

    /// The first tag that uses a missing name; inside a section a tag may have only its last part.
    private static func place(of name: String, in tags: [Tag]) -> TextPlace? {
        let last = name.split(separator: ".").last ?? ""
        let uses = tags.filter { $0.mark != "!" && $0.mark != "/" }
        let whole = uses.first { $0.name == name || $0.name.hasPrefix("\(name).") }
        return (whole ?? uses.first { $0.name == last || $0.name.hasPrefix("\(last).") })?.place
    }

    /// Only variables, sections and comments: partials and delimiter changes would vanish silently.
    private static func check(_ tags: [Tag]) throws(ExpressionError) {
        var depth = 0
        for tag in tags {
            let mark = tag.mark
            if "><$=%".contains(mark) {
                throw ExpressionError(
                    "the template tag '{{\(mark)' is not supported", remedy: "Use variables, sections and comments.",
                    place: tag.place)
            }
            if mark == "#" || mark == "^" { depth += 1 }
            if mark == "/" { depth -= 1 }
            if depth > deepestSections {
                throw ExpressionError(
                    "sections are nested deeper than \(deepestSections)", remedy: "Flatten the template.",
                    place: tag.place)
            }
        }
    }
}

/// What templates of one host can see.
struct TemplateContext: Sendable {
    var testnet: String
    var network: String
    /// The run's seed in decimal.
    var seed = "0"
    /// Wall seconds as decimal text.
    var scaled: [String: String]
    var settings: [String: String]
    /// Values of the chosen size.
    var size: [String: String] = [:]
    var generated: [String: String]
    var host: HostValues
    var hosts: [HostValues]
    /// Names of variables that any host defines: others are errors, these are empty where a host lacks them.
    var knownVars: Set<String>

    struct HostValues: Sendable {
        var name: String
        var address: String
        var groups: [String]
        var vars: [String: String]
    }
}

/// Collects names that nothing defines. Class, because Mustache copies the values that it is given.
private final class TemplateMisses: Sendable {
    private let found = Mutex<(name: String, known: [String])?>(nil)

    var first: (name: String, known: [String])? { found.withLock { $0 } }

    func note(_ name: String, known: [String]) {
        found.withLock { if $0 == nil { $0 = (name, known) } }
    }
}

/// The bottom of Mustache's stack: a name that is not found here is found nowhere.
private struct RootValues: MustacheParent {
    let context: TemplateContext
    let misses: TemplateMisses

    func child(named name: String) -> Any? {
        switch name {
        case "testnet": return context.testnet
        case "network": return context.network
        case "seed": return context.seed
        case "scaled": return map("scaled", context.scaled)
        case "settings": return map("settings", context.settings)
        case "size": return map("size", context.size)
        case "generated": return map("generated", context.generated)
        case "host": return HostValue(host: context.host, context: context, misses: misses, strict: true)
        case "hosts": return context.hosts.map(value)
        case "groups":
            let groups = Set(context.hosts.flatMap(\.groups))
            let members = groups.map { group in (group, context.hosts.filter { $0.groups.contains(group) }.map(value)) }
            return StrictMap(
                name: "groups", values: Dictionary(members) { first, _ in first }, optional: [], misses: misses)
        default:
            misses.note(
                name,
                known: [
                    "testnet", "network", "seed", "scaled", "settings", "size", "generated", "host", "hosts", "groups",
                ])
            return nil
        }
    }

    private func map(_ name: String, _ values: [String: String]) -> StrictMap {
        StrictMap(name: name, values: values, optional: [], misses: misses)
    }

    private func value(_ host: TemplateContext.HostValues) -> HostValue {
        HostValue(host: host, context: context, misses: misses, strict: false)
    }
}

/// `name`, `address`, `groups` and `vars` of a host. Inside a section (not strict) other names are looked up further
/// out.
private struct HostValue: MustacheParent {
    let host: TemplateContext.HostValues
    let context: TemplateContext
    let misses: TemplateMisses
    let strict: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "name": return host.name
        case "address": return host.address
        case "groups": return host.groups
        case "vars": return StrictMap(name: "vars", values: host.vars, optional: context.knownVars, misses: misses)
        default:
            if strict { misses.note("host.\(name)", known: ["host.name", "host.address", "host.groups", "host.vars"]) }
            return nil
        }
    }
}

/// A mapping whose missing names are errors, except the optional ones.
private struct StrictMap: MustacheParent {
    let name: String
    let values: [String: Any]
    let optional: Set<String>
    let misses: TemplateMisses

    func child(named key: String) -> Any? {
        if let value = values[key] { return value }
        if !optional.contains(key) {
            misses.note("\(name).\(key)", known: (Array(values.keys) + Array(optional)).map { "\(name).\($0)" })
        }
        return nil
    }
}
