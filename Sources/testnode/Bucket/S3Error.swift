/// An error as S3 answers it: code, HTTP status and sentence (S3 API reference, "Error responses").
enum S3Error: Error, Equatable {
    case accessDenied
    case accessDeniedBecause(String)
    case authorizationHeaderMalformed(String)
    case authorizationQueryParametersError(String)
    case badDigest
    case bucketAlreadyOwnedByYou
    case bucketNotEmpty
    case contentSHA256Mismatch
    case entityTooLarge(limit: Int)
    case entityTooSmall
    case incompleteBody
    case internalError
    case invalidAccessKeyId
    case invalidArgument(String)
    case invalidBucketName
    case invalidChunkSignature
    case invalidDigest
    case invalidPart
    case invalidPartOrder
    case invalidRange
    case invalidRequest(String)
    case keyTooLong
    case malformedACL
    case malformedPolicy(String)
    case malformedXML
    case metadataTooLarge
    case methodNotAllowed
    case missingContentLength
    case noSuchBucket
    case noSuchBucketPolicy
    case noSuchKey
    case noSuchPublicAccessBlockConfiguration
    case noSuchUpload
    case notImplemented(String)
    case preconditionFailed
    case requestTimeTooSkewed
    case invalidURI
    case signatureDoesNotMatch(SignatureMismatch)

    /// What the server signed, so that a client's author can compare. None of it is secret.
    struct SignatureMismatch: Equatable {
        var accessKey: String
        var stringToSign: String
        var canonicalRequest: String
    }

    /// S3's code, HTTP status and message.
    var answer: (code: String, status: Int, message: String) {
        switch self {
        case .accessDenied: ("AccessDenied", 403, "Access Denied")
        case .accessDeniedBecause(let why): ("AccessDenied", 403, why)
        case .authorizationHeaderMalformed(let why): ("AuthorizationHeaderMalformed", 400, why)
        case .authorizationQueryParametersError(let why): ("AuthorizationQueryParametersError", 400, why)
        case .badDigest: ("BadDigest", 400, "The checksum you specified did not match what we received.")
        case .bucketAlreadyOwnedByYou:
            (
                "BucketAlreadyOwnedByYou", 409,
                "Your previous request to create the named bucket succeeded and you own it."
            )
        case .bucketNotEmpty: ("BucketNotEmpty", 409, "The bucket you tried to delete is not empty.")
        case .contentSHA256Mismatch:
            (
                "XAmzContentSHA256Mismatch", 400,
                "The provided 'x-amz-content-sha256' header does not match what was computed."
            )
        case .entityTooLarge(let limit):
            ("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size of \(limit) bytes.")
        case .entityTooSmall:
            ("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size.")
        case .incompleteBody: ("IncompleteBody", 400, "The request body ended before the length that was announced.")
        case .internalError: ("InternalError", 500, "We encountered an internal error. Please try again.")
        case .invalidAccessKeyId:
            ("InvalidAccessKeyId", 403, "The AWS access key ID you provided does not exist in our records.")
        case .invalidArgument(let what): ("InvalidArgument", 400, what)
        case .invalidBucketName: ("InvalidBucketName", 400, "The specified bucket is not valid.")
        case .invalidChunkSignature:
            ("SignatureDoesNotMatch", 403, "The signature of a chunk does not match the one we calculated.")
        case .invalidURI: ("InvalidURI", 400, "Couldn't parse the specified URI.")
        case .invalidDigest: ("InvalidDigest", 400, "The Content-MD5 or checksum value you specified is not valid.")
        case .invalidPart:
            ("InvalidPart", 400, "One or more of the specified parts could not be found, or its entity tag differs.")
        case .invalidPartOrder: ("InvalidPartOrder", 400, "The list of parts was not in ascending order.")
        case .invalidRange: ("InvalidRange", 416, "The requested range is not satisfiable")
        case .invalidRequest(let why): ("InvalidRequest", 400, why)
        case .keyTooLong: ("KeyTooLongError", 400, "Your key is too long")
        case .malformedACL: ("MalformedACLError", 400, "The ACL is not one of the canned ACLs this server knows.")
        case .malformedPolicy(let why): ("MalformedPolicy", 400, why)
        case .malformedXML:
            ("MalformedXML", 400, "The XML you provided was not well-formed or did not validate against our schema.")
        case .metadataTooLarge:
            ("MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size.")
        case .methodNotAllowed: ("MethodNotAllowed", 405, "The specified method is not allowed against this resource.")
        case .missingContentLength: ("MissingContentLength", 411, "You must provide the Content-Length HTTP header.")
        case .noSuchBucket: ("NoSuchBucket", 404, "The specified bucket does not exist")
        case .noSuchBucketPolicy: ("NoSuchBucketPolicy", 404, "The bucket policy does not exist")
        case .noSuchKey: ("NoSuchKey", 404, "The specified key does not exist.")
        case .noSuchPublicAccessBlockConfiguration:
            ("NoSuchPublicAccessBlockConfiguration", 404, "The public access block configuration was not found")
        case .noSuchUpload:
            ("NoSuchUpload", 404, "The specified upload does not exist. It may have been aborted or completed.")
        case .notImplemented(let what): ("NotImplemented", 501, "This server does not implement \(what).")
        case .preconditionFailed:
            ("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold")
        case .requestTimeTooSkewed:
            ("RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large.")
        case .signatureDoesNotMatch:
            (
                "SignatureDoesNotMatch", 403,
                "The request signature we calculated does not match the signature you provided. "
                    + "Check your key and signing method."
            )
        }
    }
}
