/// A canned ACL (S3, "Canned ACL"); of the grants only those to everybody matter here.
enum CannedACL: String, Sendable {
    case `private` = "private"
    case publicRead = "public-read"
    case publicReadWrite = "public-read-write"

    var isPublic: Bool { self != .private }
}

/// The four switches of S3's block public access.
struct PublicAccessBlock: Sendable, Equatable {
    /// Refuses requests that would set a public ACL.
    var blockPublicAcls = false
    /// Acts as if public ACLs were not there.
    var ignorePublicAcls = false
    /// Refuses requests that would set a public bucket policy.
    var blockPublicPolicy = false
    /// Gives what a public policy allows only to the owner's account.
    var restrictPublicBuckets = false
}

/// What decides who may use a bucket.
struct BucketAccess: Sendable, Equatable {
    var acl: CannedACL = .private
    var policy: BucketPolicy?
    var publicAccessBlock: PublicAccessBlock?

    private var block: PublicAccessBlock { publicAccessBlock ?? PublicAccessBlock() }

    /// Actions that a public policy's explicit deny cannot take from the owner, so that nobody locks themselves out.
    private static let ownersAlways: Set<String> = [
        "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy",
    ]

    /// True if `caller` may do `action` on `resource`.
    ///
    /// The order is S3's: explicit deny; the owner's own rights; the policy's allow, unless it is public and
    /// restricted; ACLs, unless public ones are ignored.
    /// - Parameter objectACL: ACL of the object that is read; nil for a bucket or an object that does not exist.
    func allows(_ caller: Caller, _ action: String, on resource: String, objectACL: CannedACL? = nil) -> Bool {
        let verdict = policy?.verdict(caller: caller, action: action, resource: resource) ?? .silent
        if verdict == .denied { return caller.isOwner && Self.ownersAlways.contains(action) }
        if caller.isOwner { return true }
        if verdict == .allowed, !(block.restrictPublicBuckets && policy?.isPublic == true) { return true }
        if block.ignorePublicAcls { return false }
        return switch action {
        case "s3:GetObject": objectACL?.isPublic == true
        case "s3:ListBucket", "s3:ListBucketMultipartUploads": acl.isPublic
        case "s3:PutObject", "s3:DeleteObject": acl == .publicReadWrite
        default: false
        }
    }

    /// Throws ``S3Error/accessDenied`` if block public access forbids setting `acl`.
    func checkSetting(acl: CannedACL) throws(S3Error) {
        if block.blockPublicAcls, acl.isPublic { throw .accessDenied }
    }

    /// Throws ``S3Error/accessDeniedBecause(_:)`` if block public access forbids setting `policy`.
    func checkSetting(policy: BucketPolicy) throws(S3Error) {
        guard block.blockPublicPolicy, policy.isPublic else { return }
        throw .accessDeniedBecause(
            "Access Denied: public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.")
    }
}
