/// Who sends a request, as policies see it.
enum Caller: Sendable, Equatable {
    case anonymous
    /// Somebody with keys. `isOwner` callers belong to the account that owns all buckets here, as its administrators;
    /// others are users of another account and have only what a policy or ACL gives them.
    case user(name: String, accessKey: String, isOwner: Bool)

    var isOwner: Bool { if case .user(_, _, let isOwner) = self { isOwner } else { false } }
}

/// A bucket policy: the part of the IAM policy language (2012-10-17) that can be honoured here.
///
/// Understood: `Version`, `Id`, `Statement` with `Sid`, `Effect`, `Principal`, `Action`, `Resource`. Everything else,
/// such as `Condition` or `NotPrincipal`, is refused, because ignoring it would grant or deny something else than
/// written.
struct BucketPolicy: Sendable, Equatable {
    enum Effect: Sendable, Equatable { case allow, deny }

    enum Principal: Sendable, Equatable {
        case everyone
        /// Access key ids, user names, or user ARNs.
        case named([String])
    }

    struct Statement: Sendable, Equatable {
        var effect: Effect
        var principal: Principal
        /// Patterns such as `s3:Get*`, in lower case.
        var actions: [String]
        /// Patterns such as `arn:aws:s3:::bucket/*`.
        var resources: [String]
    }

    enum Verdict: Sendable, Equatable { case allowed, denied, silent }

    /// S3's limit on a policy's text, in bytes.
    static let largestText = 20 * 1024

    var statements: [Statement]

    /// True if a statement allows something to everyone (S3, "The meaning of public": no conditions exist here).
    var isPublic: Bool { statements.contains { $0.effect == .allow && $0.principal == .everyone } }

    /// Parses and checks a policy that is put on `bucket`; throws ``S3Error/malformedPolicy(_:)`` with S3's sentences.
    init(_ bytes: [UInt8], bucket: String) throws(S3Error) {
        guard bytes.count <= Self.largestText else {
            throw .malformedPolicy("Policy exceeds the maximum allowed size.")
        }
        let document: JSON
        do {
            document = try JSON.parse(bytes, depth: 8)
        } catch {
            throw .malformedPolicy("Policies must be valid JSON. \(error)")
        }
        guard let members = document.members else { throw .malformedPolicy("Policies must be a JSON object.") }
        try Self.refuseUnknown(members, known: ["Version", "Id", "Statement"])
        if let version = document["Version"], version != .string("2012-10-17"), version != .string("2008-10-17") {
            throw .malformedPolicy("The policy must contain a valid version string.")
        }
        guard let statement = document["Statement"] else { throw .malformedPolicy("Missing required field Statement.") }
        let list = statement.items ?? [statement]
        guard !list.isEmpty else { throw .malformedPolicy("Could not parse the policy: Statement is empty!") }
        statements = []
        for item in list { statements.append(try Self.statement(item, bucket: bucket)) }
    }

    private static func refuseUnknown(_ members: [JSON.Member], known: Set<String>) throws(S3Error) {
        for member in members where !known.contains(member.name) {
            throw .malformedPolicy("Element '\(member.name)' is not supported by this server; it is not ignored.")
        }
    }

    private static func statement(_ json: JSON, bucket: String) throws(S3Error) -> Statement {
        guard let members = json.members else { throw .malformedPolicy("A statement must be a JSON object.") }
        try refuseUnknown(members, known: ["Sid", "Effect", "Principal", "Action", "Resource"])
        let effect: Effect
        switch json["Effect"]?.text {
        case "Allow": effect = .allow
        case "Deny": effect = .deny
        default: throw .malformedPolicy("Invalid effect: it must be Allow or Deny.")
        }
        let actions = try strings(json["Action"], field: "Action").map { $0.lowercased() }
        guard actions.allSatisfy({ $0 == "*" || $0.hasPrefix("s3:") && $0 != "s3:" }) else {
            throw .malformedPolicy("Policy has invalid action")
        }
        let resources = try strings(json["Resource"], field: "Resource")
        let own = "arn:aws:s3:::\(bucket)"
        guard resources.allSatisfy({ $0 == own || $0.hasPrefix(own + "/") || $0 == own + "*" }) else {
            throw .malformedPolicy("Policy has invalid resource")
        }
        return Statement(
            effect: effect, principal: try principal(json["Principal"]), actions: actions, resources: resources)
    }

    private static func principal(_ json: JSON?) throws(S3Error) -> Principal {
        guard let json else { throw .malformedPolicy("Missing required field Principal") }
        if json == .string("*") { return .everyone }
        guard let members = json.members, members.count == 1, members[0].name == "AWS" else {
            throw .malformedPolicy("Invalid principal in policy")
        }
        let names = try strings(members[0].value, field: "Principal")
        return names.contains("*") ? .everyone : .named(names)
    }

    private static func strings(_ json: JSON?, field: String) throws(S3Error) -> [String] {
        guard let json else { throw .malformedPolicy("Missing required field \(field)") }
        let texts = (json.items ?? [json]).map(\.text)
        guard !texts.isEmpty, texts.allSatisfy({ $0?.isEmpty == false }) else {
            throw .malformedPolicy("\(field) must be a string or a list of strings.")
        }
        return texts.compactMap { $0 }
    }

    /// What the policy says: an explicit deny wins over any allow.
    /// - Parameters:
    ///   - action: such as `s3:GetObject`.
    ///   - resource: ARN of the bucket or object.
    func verdict(caller: Caller, action: String, resource: String) -> Verdict {
        let matching = statements.filter { statement in
            Self.matches(statement.principal, caller)
                && statement.actions.contains { Self.matches(pattern: $0, action.lowercased()) }
                && statement.resources.contains { Self.matches(pattern: $0, resource) }
        }
        if matching.contains(where: { $0.effect == .deny }) { return .denied }
        return matching.isEmpty ? .silent : .allowed
    }

    private static func matches(_ principal: Principal, _ caller: Caller) -> Bool {
        switch (principal, caller) {
        case (.everyone, _): true
        case (.named, .anonymous): false
        case (.named(let names), .user(let name, let accessKey, _)):
            names.contains { $0 == accessKey || $0 == name || $0.hasPrefix("arn:") && $0.hasSuffix(":user/\(name)") }
        }
    }

    /// `*` stands for any run of bytes and `?` for one. Linear in text times stars, whatever the pattern.
    static func matches(pattern: String, _ text: String) -> Bool {
        let pattern = Array(pattern.utf8)
        let text = Array(text.utf8)
        var (p, t) = (0, 0)
        var retry: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == 0x2A {
                retry = (p + 1, t)
                p += 1
            } else if p < pattern.count, pattern[p] == 0x3F || pattern[p] == text[t] {
                (p, t) = (p + 1, t + 1)
            } else if let last = retry {
                (p, t) = (last.pattern, last.text + 1)
                retry = (last.pattern, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == 0x2A }
    }
}
