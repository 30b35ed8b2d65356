/// The operations of S3 that this server implements, chosen by method, level and sub-resource.
enum S3Operation: Sendable, Equatable {
    case listBuckets
    case createBucket, headBucket, deleteBucket
    case listObjects, listObjectsV2
    case getLocation, getVersioning
    case getPolicy, putPolicy, deletePolicy, getPolicyStatus
    case getPublicAccessBlock, putPublicAccessBlock, deletePublicAccessBlock
    case getBucketACL, putBucketACL
    case deleteObjects
    case getObject, headObject, putObject, copyObject, deleteObject
    case getObjectACL, putObjectACL
    case createUpload, uploadPart, uploadPartCopy, completeUpload, abortUpload, listParts, listUploads

    init(_ call: S3Service.Call) throws(S3Error) {
        let names = Set(call.query.map(\.name)).intersection(S3Target.subresources)
        let method = call.request.head.method
        let isCopy = call.headers["x-amz-copy-source"] != nil
        let found: S3Operation? =
            switch (call.target.bucket, call.target.key) {
            case (nil, _): method == "GET" && names.isEmpty ? .listBuckets : nil
            case (.some, nil):
                Self.onBucket(method, names, isV2: call.parameter("list-type") == "2")
            case (.some, .some): Self.onObject(method, names, isCopy: isCopy)
            }
        if let found {
            self = found
        } else if names.isEmpty {
            throw .methodNotAllowed
        } else {
            throw .notImplemented("\(method) with the sub-resource \(names.sorted().joined(separator: ", "))")
        }
    }

    private static func onBucket(_ method: String, _ names: Set<String>, isV2: Bool) -> S3Operation? {
        switch (method, names) {
        case ("GET", []): isV2 ? .listObjectsV2 : .listObjects
        case ("PUT", []): .createBucket
        case ("HEAD", []): .headBucket
        case ("DELETE", []): .deleteBucket
        case ("GET", ["location"]): .getLocation
        case ("GET", ["versioning"]): .getVersioning
        case ("GET", ["policy"]): .getPolicy
        case ("PUT", ["policy"]): .putPolicy
        case ("DELETE", ["policy"]): .deletePolicy
        case ("GET", ["policyStatus"]): .getPolicyStatus
        case ("GET", ["publicAccessBlock"]): .getPublicAccessBlock
        case ("PUT", ["publicAccessBlock"]): .putPublicAccessBlock
        case ("DELETE", ["publicAccessBlock"]): .deletePublicAccessBlock
        case ("GET", ["acl"]): .getBucketACL
        case ("PUT", ["acl"]): .putBucketACL
        case ("GET", ["uploads"]): .listUploads
        case ("POST", ["delete"]): .deleteObjects
        default: nil
        }
    }

    private static func onObject(_ method: String, _ names: Set<String>, isCopy: Bool) -> S3Operation? {
        switch (method, names) {
        case ("GET", []): .getObject
        case ("HEAD", []): .headObject
        case ("PUT", []): isCopy ? .copyObject : .putObject
        case ("DELETE", []): .deleteObject
        case ("GET", ["acl"]): .getObjectACL
        case ("PUT", ["acl"]): .putObjectACL
        case ("POST", ["uploads"]): .createUpload
        case ("PUT", ["uploadId", "partNumber"]): isCopy ? .uploadPartCopy : .uploadPart
        case ("POST", ["uploadId"]): .completeUpload
        case ("DELETE", ["uploadId"]): .abortUpload
        case ("GET", ["uploadId"]): .listParts
        default: nil
        }
    }

    func perform(_ call: S3Service.Call) async throws(S3Error) -> HTTP.Response {
        switch self {
        case .listBuckets: try await call.listBuckets()
        case .createBucket: try await call.createBucket()
        case .headBucket: try await call.headBucket()
        case .deleteBucket: try await call.deleteBucket()
        case .listObjects: try await call.listObjects()
        case .listObjectsV2: try await call.listObjectsV2()
        case .getLocation: try await call.getLocation()
        case .getVersioning: try await call.getVersioning()
        case .getPolicy: try await call.getPolicy()
        case .putPolicy: try await call.putPolicy()
        case .deletePolicy: try await call.deletePolicy()
        case .getPolicyStatus: try await call.getPolicyStatus()
        case .getPublicAccessBlock: try await call.getPublicAccessBlock()
        case .putPublicAccessBlock: try await call.putPublicAccessBlock()
        case .deletePublicAccessBlock: try await call.deletePublicAccessBlock()
        case .getBucketACL: try await call.getBucketACL()
        case .putBucketACL: try await call.putBucketACL()
        case .deleteObjects: try await call.deleteObjects()
        case .getObject, .headObject: try await call.getObject()
        case .putObject: try await call.putObject()
        case .copyObject: try await call.copyObject()
        case .deleteObject: try await call.deleteObject()
        case .getObjectACL: try await call.getObjectACL()
        case .putObjectACL: try await call.putObjectACL()
        case .createUpload: try await call.createUpload()
        case .uploadPart: try await call.uploadPart()
        case .uploadPartCopy: try await call.uploadPartCopy()
        case .completeUpload: try await call.completeUpload()
        case .abortUpload: try await call.abortUpload()
        case .listParts: try await call.listParts()
        case .listUploads: try await call.listUploads()
        }
    }
}
