/// Operations on buckets and on who may use them.
extension S3Service.Call {
    /// Largest XML body of a request, in bytes.
    static let largestXML = 2 * 1024 * 1024

    private func requireOwner() throws(S3Error) {
        guard caller.isOwner else { throw .accessDenied }
    }

    func xml(_ root: String, _ inner: String) -> HTTP.Response {
        HTTP.Response(200, type: "application/xml", text: XMLText.document(root, inner))
    }

    var ownerXML: String {
        "<Owner>" + XMLText.tag("ID", settings.owner) + XMLText.tag("DisplayName", settings.owner) + "</Owner>"
    }

    func listBuckets() async throws(S3Error) -> HTTP.Response {
        try requireOwner()
        let buckets = await store.names.map { name, created in
            "<Bucket>" + XMLText.tag("Name", name) + XMLText.tag("CreationDate", created.iso8601) + "</Bucket>"
        }
        return xml("ListAllMyBucketsResult", ownerXML + "<Buckets>\(buckets.joined())</Buckets>")
    }

    func createBucket() async throws(S3Error) -> HTTP.Response {
        try requireOwner()
        let name = try bucket()
        guard S3Target.isValidBucketName(name) else { throw .invalidBucketName }
        let body = try await smallBody(limit: Self.largestXML)
        if !body.isEmpty {
            let wish = try XMLElement.parse(body)
            guard wish.name == "CreateBucketConfiguration" else { throw .malformedXML }
            if let region = wish.first("LocationConstraint")?.text, !region.isEmpty, region != settings.region {
                throw .invalidRequest(
                    "The specified location-constraint is not valid; this region is \(settings.region).")
            }
        }
        try await store.create(name, acl: try cannedACL() ?? .private)
        return HTTP.Response(200, headers: [("Location", "/" + name)])
    }

    func headBucket() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:ListBucket")
        return HTTP.Response(
            200, headers: [("x-amz-bucket-region", settings.region), ("Content-Type", "application/xml")])
    }

    func deleteBucket() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:DeleteBucket")
        try await store.delete(try bucket())
        return HTTP.Response(204)
    }

    func getLocation() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:GetBucketLocation")
        // The first region's name is, for history's sake, the empty text.
        return xml("LocationConstraint", settings.region == "us-east-1" ? "" : XMLText.escape(settings.region))
    }

    func getVersioning() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:GetBucketVersioning")
        return xml("VersioningConfiguration", "")
    }

    // MARK: Policy

    /// Policies are managed by the owner's account alone, whatever a policy says (S3, PutBucketPolicy: 405).
    private func authorizePolicy(_ action: String) async throws(S3Error) {
        try await authorize(action)
        guard caller.isOwner else { throw .methodNotAllowed }
    }

    func getPolicy() async throws(S3Error) -> HTTP.Response {
        try await authorizePolicy("s3:GetBucketPolicy")
        guard let text = try await store.policyText(of: try bucket()) else { throw .noSuchBucketPolicy }
        return HTTP.Response(200, type: "application/json", text: text)
    }

    func putPolicy() async throws(S3Error) -> HTTP.Response {
        try await authorizePolicy("s3:PutBucketPolicy")
        let body = try await smallBody(limit: BucketPolicy.largestText)
        let policy = try BucketPolicy(body, bucket: try bucket())
        try await store.setPolicy(of: try bucket(), to: (policy, String(decoding: body, as: UTF8.self)))
        return HTTP.Response(204)
    }

    func deletePolicy() async throws(S3Error) -> HTTP.Response {
        try await authorizePolicy("s3:DeleteBucketPolicy")
        try await store.setPolicy(of: try bucket(), to: nil)
        return HTTP.Response(204)
    }

    func getPolicyStatus() async throws(S3Error) -> HTTP.Response {
        let access = try await authorize("s3:GetBucketPolicyStatus")
        guard let policy = access.policy else { throw .noSuchBucketPolicy }
        return xml("PolicyStatus", XMLText.tag("IsPublic", policy.isPublic))
    }

    // MARK: Public access block

    func getPublicAccessBlock() async throws(S3Error) -> HTTP.Response {
        let access = try await authorize("s3:GetBucketPublicAccessBlock")
        guard let block = access.publicAccessBlock else { throw .noSuchPublicAccessBlockConfiguration }
        return xml(
            "PublicAccessBlockConfiguration",
            XMLText.tag("BlockPublicAcls", block.blockPublicAcls)
                + XMLText.tag("IgnorePublicAcls", block.ignorePublicAcls)
                + XMLText.tag("BlockPublicPolicy", block.blockPublicPolicy)
                + XMLText.tag("RestrictPublicBuckets", block.restrictPublicBuckets))
    }

    func putPublicAccessBlock() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:PutBucketPublicAccessBlock")
        let root = try XMLElement.parse(try await smallBody(limit: Self.largestXML))
        guard root.name == "PublicAccessBlockConfiguration" else { throw .malformedXML }
        var block = PublicAccessBlock()
        var seen: Set<String> = []
        for child in root.children {
            let isOn: Bool
            switch child.text.trimmingSpaces().lowercased() {
            case "true": isOn = true
            case "false": isOn = false
            default: throw .malformedXML
            }
            guard seen.insert(child.name).inserted else { throw .malformedXML }
            switch child.name {
            case "BlockPublicAcls": block.blockPublicAcls = isOn
            case "IgnorePublicAcls": block.ignorePublicAcls = isOn
            case "BlockPublicPolicy": block.blockPublicPolicy = isOn
            case "RestrictPublicBuckets": block.restrictPublicBuckets = isOn
            default: throw .malformedXML
            }
        }
        let wanted = block
        try await store.setAccess(of: try bucket()) { (access) throws(S3Error) in access.publicAccessBlock = wanted }
        return HTTP.Response(200)
    }

    func deletePublicAccessBlock() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:PutBucketPublicAccessBlock")
        try await store.setAccess(of: try bucket()) { (access) throws(S3Error) in access.publicAccessBlock = nil }
        return HTTP.Response(204)
    }

    // MARK: ACLs

    /// The canned ACL that a request asks for; nil if it asks for none.
    func cannedACL() throws(S3Error) -> CannedACL? {
        switch headers["x-amz-acl"] {
        case nil: return nil
        // With one owner for everything this grants what private grants.
        case "bucket-owner-full-control": return .private
        case .some(let name):
            guard let acl = CannedACL(rawValue: name) else { throw .malformedACL }
            return acl
        }
    }

    private func requiredACL() async throws(S3Error) -> CannedACL {
        guard try await smallBody(limit: Self.largestXML).isEmpty else {
            throw .notImplemented("ACLs as XML; use a canned ACL")
        }
        guard let acl = try cannedACL() else { throw .malformedACL }
        return acl
    }

    private func aclXML(_ acl: CannedACL) -> HTTP.Response {
        let scheme = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type="
        func grant(_ grantee: String, _ permission: String) -> String {
            "<Grant>\(grantee)" + XMLText.tag("Permission", permission) + "</Grant>"
        }
        let everyone =
            "<Grantee \(scheme)\"Group\">" + XMLText.tag("URI", "http://acs.amazonaws.com/groups/global/AllUsers")
            + "</Grantee>"
        let owner =
            "<Grantee \(scheme)\"CanonicalUser\">" + XMLText.tag("ID", settings.owner)
            + XMLText.tag("DisplayName", settings.owner) + "</Grantee>"
        var grants = grant(owner, "FULL_CONTROL")
        if acl.isPublic { grants += grant(everyone, "READ") }
        if acl == .publicReadWrite { grants += grant(everyone, "WRITE") }
        return xml("AccessControlPolicy", ownerXML + "<AccessControlList>\(grants)</AccessControlList>")
    }

    func getBucketACL() async throws(S3Error) -> HTTP.Response {
        aclXML(try await authorize("s3:GetBucketAcl").acl)
    }

    func putBucketACL() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:PutBucketAcl")
        let acl = try await requiredACL()
        try await store.setAccess(of: try bucket()) { (access) throws(S3Error) in
            try access.checkSetting(acl: acl)
            access.acl = acl
        }
        return HTTP.Response(200)
    }

    func getObjectACL() async throws(S3Error) -> HTTP.Response {
        try await authorize("s3:GetObjectAcl")
        guard let record = try await store.record(try key(), in: try bucket()) else { throw .noSuchKey }
        return aclXML(record.acl)
    }

    func putObjectACL() async throws(S3Error) -> HTTP.Response {
        let access = try await authorize("s3:PutObjectAcl")
        let acl = try await requiredACL()
        try access.checkSetting(acl: acl)
        try await store.setACL(acl, of: try key(), in: try bucket())
        return HTTP.Response(200)
    }
}
