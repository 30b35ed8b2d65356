import Mustache
import Synchronization

/// Renders `*.mustache` files of layers as plain text. Unlike plain Mustache, a name that nothing defines is an error.
enum TemplateRenderer {
    /// Sections inside each other; bounds the size of the output.
    private static let deepestSections = 3

    /// - Throws: `ExpressionError` that names the unknown name or the wrong tag.
    static func render(_ text: String, context: TemplateContext) throws(ExpressionError) -> String {
        try checkTags(text)
        let template: MustacheTemplate
        do {
            // The pragma turns HTML escaping off; its line leaves no trace in the output.
            template = try MustacheTemplate(string: "{{% CONTENT_TYPE: TEXT}}\n" + text)
        } catch {
            throw ExpressionError(
                "the template cannot be parsed", remedy: "Check that every {{#section}} is closed by {{/section}}.")
        }
        let misses = TemplateMisses()
        let result = template.render(RootValues(context: context, misses: misses))
        if let miss = misses.first {
            throw ExpressionError(
                "the template uses '\(Quote.short(miss.name))', which is not defined",
                remedy: NearMiss.hint(for: miss.name, among: miss.known, noun: "value"))
        }
        return result
    }

    /// Only variables, sections and comments: partials and delimiter changes would vanish silently.
    private static func checkTags(_ text: String) throws(ExpressionError) {
        var depth = 0
        for tag in text.components(separatedBy: "{{").dropFirst() {
            guard let mark = tag.first(where: { $0 != " " }) else { continue }
            if "><$=%".contains(mark) {
                throw ExpressionError(
                    "the template tag '{{\(mark)' is not supported", remedy: "Use variables, sections and comments.")
            }
            if mark == "#" || mark == "^" { depth += 1 }
            if mark == "/" { depth -= 1 }
            if depth > deepestSections {
                throw ExpressionError(
                    "sections are nested deeper than \(deepestSections)", remedy: "Flatten the template.")
            }
        }
    }
}

/// What templates of one host can see.
struct TemplateContext: Sendable {
    var testnet: String
    var network: String
    /// Wall seconds as decimal text.
    var scaled: [String: String]
    var settings: [String: String]
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
        case "scaled": return map("scaled", context.scaled)
        case "settings": return map("settings", context.settings)
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
                name, known: ["testnet", "network", "scaled", "settings", "generated", "host", "hosts", "groups"])
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
