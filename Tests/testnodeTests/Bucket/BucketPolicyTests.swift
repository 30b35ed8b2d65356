import Testing

@testable import testnode

@Suite("Bucket policies")
struct BucketPolicyTests {
    static let ops = Caller.user(name: "ops", accessKey: "AKIAOPS", isOwner: true)
    static let ci = Caller.user(name: "ci", accessKey: "AKIACI", isOwner: false)

    static func statement(
        _ effect: String = "Allow", principal: String = "\"*\"", action: String = "\"s3:GetObject\"",
        resource: String = "\"arn:aws:s3:::release/*\""
    ) -> String {
        "{\"Effect\":\"\(effect)\",\"Principal\":\(principal),\"Action\":\(action),\"Resource\":\(resource)}"
    }

    static func policy(_ statements: String...) throws(S3Error) -> BucketPolicy {
        let text = "{\"Version\":\"2012-10-17\",\"Statement\":[\(statements.joined(separator: ","))]}"
        return try BucketPolicy(Array(text.utf8), bucket: "release")
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var statements: [String]
        var caller: Caller = .anonymous
        var action = "s3:GetObject"
        var resource = "arn:aws:s3:::release/harmony"
        var verdict: BucketPolicy.Verdict
    }

    static let table = [
        Row(testDescription: "everyone may read", statements: [statement()], verdict: .allowed),
        Row(
            testDescription: "AWS star is everyone", statements: [statement(principal: #"{"AWS":"*"}"#)],
            verdict: .allowed),
        Row(
            testDescription: "another action is not covered", statements: [statement()], action: "s3:PutObject",
            verdict: .silent),
        Row(
            testDescription: "another resource is not covered",
            statements: [statement(resource: "\"arn:aws:s3:::release/a/*\"")],
            verdict: .silent),
        Row(
            testDescription: "the bucket is not its objects", statements: [statement()],
            resource: "arn:aws:s3:::release",
            verdict: .silent),
        Row(
            testDescription: "actions ignore case and take stars", statements: [statement(action: "\"s3:getob*\"")],
            verdict: .allowed),
        Row(
            testDescription: "a question mark is one character",
            statements: [statement(resource: "\"arn:aws:s3:::release/h?rmony\"")], verdict: .allowed),
        Row(
            testDescription: "resources keep case", statements: [statement(resource: "\"arn:aws:s3:::release/H*\"")],
            verdict: .silent),
        Row(
            testDescription: "deny wins whatever the order", statements: [statement("Deny"), statement()],
            verdict: .denied),
        Row(
            testDescription: "deny wins over a wider allow",
            statements: [statement(action: "\"s3:*\""), statement("Deny")],
            verdict: .denied),
        Row(
            testDescription: "deny of one key leaves others",
            statements: [statement(), statement("Deny", principal: #"{"AWS":["AKIACI"]}"#)], verdict: .allowed),
        Row(
            testDescription: "named by access key", statements: [statement(principal: #"{"AWS":"AKIACI"}"#)],
            caller: ci,
            verdict: .allowed),
        Row(
            testDescription: "named by ARN", statements: [statement(principal: #"{"AWS":"arn:aws:iam::1:user/ci"}"#)],
            caller: ci, verdict: .allowed),
        Row(
            testDescription: "named is not anonymous", statements: [statement(principal: #"{"AWS":"AKIACI"}"#)],
            verdict: .silent),
    ]

    @Test(arguments: table)
    func says(_ row: Row) throws {
        let text = "{\"Statement\":[\(row.statements.joined(separator: ","))]}"
        let policy = try BucketPolicy(Array(text.utf8), bucket: "release")
        #expect(policy.verdict(caller: row.caller, action: row.action, resource: row.resource) == row.verdict)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"Statement":[]}"#, #"{"Statement":[{}]}"#, #"{"Version":"2020-01-01","Statement":[]}"#,
        "{\"Statement\":[\(statement())],\"Other\":1}", "{\"Statement\":[\(statement("allow"))]}",
        "{\"Statement\":[\(statement(action: "\"ec2:Run\""))]}", "{\"Statement\":[\(statement(action: "[]"))]}",
        "{\"Statement\":[\(statement(resource: "\"arn:aws:s3:::other/*\""))]}",
        "{\"Statement\":[\(statement(principal: #"{"Service":"x"}"#))]}",
        "{\"Statement\":[\(statement(principal: "1"))]}",
        #"{"Statement":{"Effect":"Allow","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::release"}}"#,
    ])
    func refuses(_ text: String) {
        #expect { try BucketPolicy(Array(text.utf8), bucket: "release") } throws: { error in
            (error as? S3Error)?.answer.code == "MalformedPolicy"
        }
    }

    @Test(arguments: ["Condition", "NotPrincipal", "NotAction", "NotResource"])
    func refusesElementsItCannotHonour(_ name: String) {
        let text = "{\"Statement\":[" + Self.statement().dropLast() + ",\"\(name)\":{}}]}"
        #expect { try BucketPolicy(Array(text.utf8), bucket: "release") } throws: { error in
            guard case .malformedPolicy(let why)? = error as? S3Error else { return false }
            return why.contains(name)
        }
    }

    @Test func limitsSizeAndDepth() {
        let large = Array(String(repeating: " ", count: BucketPolicy.largestText + 1).utf8)
        let deep = Array((String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)).utf8)
        for bytes in [large, deep] {
            #expect(throws: S3Error.self) { try BucketPolicy(bytes, bucket: "release") }
        }
    }

    @Test func aPatternOfManyStarsEndsSoon() {
        let pattern = String(repeating: "*a", count: 2000) + "b"
        #expect(!BucketPolicy.matches(pattern: pattern, String(repeating: "a", count: 4000)))
    }
}

@Suite("Who may use a bucket")
struct BucketAccessTests {
    static let object = "arn:aws:s3:::release/harmony"
    static let block = PublicAccessBlock(
        blockPublicAcls: true, ignorePublicAcls: true, blockPublicPolicy: true, restrictPublicBuckets: true)

    static func allows(_ access: BucketAccess, _ caller: Caller, acl: CannedACL = .private) -> Bool {
        access.allows(caller, "s3:GetObject", on: object, objectACL: acl)
    }

    @Test func withoutPolicyOnlyTheOwnerReads() {
        let access = BucketAccess()
        #expect(Self.allows(access, BucketPolicyTests.ops))
        #expect(!Self.allows(access, BucketPolicyTests.ci))
        #expect(!Self.allows(access, .anonymous))
    }

    /// What the incident turns on: the block takes public read away and leaves the owner's.
    @Test func restrictingTakesWhatAPublicPolicyGives() throws {
        var access = BucketAccess(policy: try BucketPolicyTests.policy(BucketPolicyTests.statement()))
        #expect(Self.allows(access, .anonymous) && Self.allows(access, BucketPolicyTests.ci))
        access.publicAccessBlock = Self.block
        #expect(!Self.allows(access, .anonymous) && !Self.allows(access, BucketPolicyTests.ci))
        #expect(Self.allows(access, BucketPolicyTests.ops))
        access.publicAccessBlock = nil
        #expect(Self.allows(access, .anonymous))
    }

    @Test func blockingNewPoliciesLeavesThePresentOne() throws {
        let policy = try BucketPolicyTests.policy(BucketPolicyTests.statement())
        let access = BucketAccess(
            policy: policy, publicAccessBlock: PublicAccessBlock(blockPublicAcls: true, blockPublicPolicy: true))
        #expect(Self.allows(access, .anonymous))
        #expect(throws: S3Error.self) { try access.checkSetting(policy: policy) }
        #expect(throws: S3Error.accessDenied) { try access.checkSetting(acl: .publicRead) }
        #expect(throws: Never.self) { try access.checkSetting(acl: .private) }
    }

    @Test func restrictingLeavesAPolicyThatIsNotPublic() throws {
        let statement = BucketPolicyTests.statement(principal: #"{"AWS":"AKIACI"}"#)
        let access = BucketAccess(policy: try BucketPolicyTests.policy(statement), publicAccessBlock: Self.block)
        #expect(Self.allows(access, BucketPolicyTests.ci))
    }

    @Test func publicACLsCountUnlessIgnored() {
        var access = BucketAccess()
        #expect(Self.allows(access, .anonymous, acl: .publicRead))
        access.publicAccessBlock = PublicAccessBlock(ignorePublicAcls: true)
        #expect(!Self.allows(access, .anonymous, acl: .publicRead))
    }

    @Test func aDenyHoldsForTheOwnerButNotOnThePolicyItself() throws {
        let deny = BucketPolicyTests.statement(
            "Deny", action: "\"s3:*\"", resource: #"["arn:aws:s3:::release","arn:aws:s3:::release/*"]"#)
        let access = BucketAccess(policy: try BucketPolicyTests.policy(deny))
        #expect(!Self.allows(access, BucketPolicyTests.ops))
        #expect(access.allows(BucketPolicyTests.ops, "s3:DeleteBucketPolicy", on: "arn:aws:s3:::release"))
    }
}
