/// Answers S3 requests: finds the caller, the target and the operation, and turns errors into S3's XML.
struct S3Service: Sendable {
    struct Settings: Sendable {
        /// The endpoint's own host name, for virtual-host style.
        var host: String
        var region: String
        /// Canonical id and display name of the account that owns all buckets.
        var owner: String
        /// Largest object or part in bytes.
        var largestObject: Int
    }

    /// One request on its way through.
    struct Call {
        let request: HTTP.Request
        let query: [(name: String, value: String)]
        let target: S3Target
        let identity: S3Authentication.Result
        let settings: Settings
        let store: BucketStore

        var caller: Caller { identity.caller }
        var headers: HTTP.Headers { request.head.headers }

        /// The value of a query parameter; nil if it is not there.
        func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

        /// The bucket addressed; throws ``S3Error/methodNotAllowed`` if there is none.
        func bucket() throws(S3Error) -> String {
            guard let bucket = target.bucket else { throw .methodNotAllowed }
            return bucket
        }

        /// The key addressed; throws ``S3Error/methodNotAllowed`` if there is none.
        func key() throws(S3Error) -> ObjectKey {
            guard let key = target.key else { throw .methodNotAllowed }
            return key
        }

        /// Throws unless the caller may do `action`, which checks that the bucket exists first, as S3 does.
        @discardableResult
        func authorize(
            _ action: String, resource: String? = nil, objectACL: CannedACL? = nil
        ) async throws(S3Error) -> BucketAccess {
            let access = try await store.access(of: try bucket())
            guard access.allows(caller, action, on: resource ?? target.resource, objectACL: objectACL) else {
                throw .accessDenied
            }
            return access
        }

        /// A request's body of at most `limit` bytes, digests checked.
        func smallBody(limit: Int) async throws(S3Error) -> [UInt8] {
            let reader = UploadReader(
                request: request, payload: identity.payload, signing: identity.chunkSigning, limit: limit)
            var all: [UInt8] = []
            _ = try await reader.read { (piece) throws(S3Error) in all += piece }
            return all
        }
    }

    let settings: Settings
    let authentication: S3Authentication
    let store: BucketStore
    let accessLog: JSONLog

    func answer(_ request: HTTP.Request) async -> HTTP.Response {
        let began = ContinuousClock.now
        let requestID = String(RandomName.make().prefix(16)).uppercased()
        let query = PercentEncoding.query(request.head.query)
        var target: S3Target?
        var caller: Caller?
        var response: HTTP.Response
        var failure: S3Error?
        do throws(S3Error) {
            let found = try S3Target(request.head, host: settings.host)
            target = found
            guard let query else { throw S3Error.invalidURI }
            let identity = try authentication.authenticate(request.head, query: query, now: .now())
            caller = identity.caller
            let call = Call(
                request: request, query: query, target: found, identity: identity, settings: settings, store: store)
            response = try await S3Operation(call).perform(call)
        } catch {
            failure = error
            response = Self.response(for: error, target: target, requestID: requestID, method: request.head.method)
        }
        response.headers += [
            ("x-amz-request-id", requestID), ("x-amz-id-2", RandomName.make()), ("Server", "testnode"),
        ]
        logAccess(request, target, caller, response, failure, requestID, took: began.duration(to: .now))
        return response
    }

    /// S3's error document (S3 API reference, "REST error responses"). Answers to HEAD carry only the status.
    private static func response(
        for error: S3Error, target: S3Target?, requestID: String, method: String
    ) -> HTTP.Response {
        let (code, status, message) = error.answer
        var inner = XMLText.tag("Code", code) + XMLText.tag("Message", message)
        switch error {
        case .noSuchKey: inner += XMLText.tag("Key", target?.key?.text ?? "")
        case .noSuchBucket, .noSuchBucketPolicy, .noSuchPublicAccessBlockConfiguration, .bucketNotEmpty,
            .bucketAlreadyOwnedByYou:
            inner += XMLText.tag("BucketName", target?.bucket ?? "")
        case .signatureDoesNotMatch(let mismatch):
            inner += XMLText.tag("AWSAccessKeyId", mismatch.accessKey)
            inner += XMLText.tag("StringToSign", mismatch.stringToSign)
            inner += XMLText.tag("CanonicalRequest", mismatch.canonicalRequest)
        default: break
        }
        inner += XMLText.tag("RequestId", requestID) + XMLText.tag("HostId", "testnode")
        let text = "\(XMLText.declaration)<Error>\(inner)</Error>"
        return HTTP.Response(status, type: "application/xml", text: text)
    }

    /// One line a request. The query is left out: in presigned URLs it is a credential.
    private func logAccess(
        _ request: HTTP.Request, _ target: S3Target?, _ caller: Caller?, _ response: HTTP.Response,
        _ failure: S3Error?, _ requestID: String, took: Duration
    ) {
        let requester: String? =
            switch caller {
            case .user(let name, _, _): name
            case .anonymous: "anonymous"
            case nil: nil
            }
        accessLog.write(
            .make([
                "event": .string("access"), "request_id": .string(requestID), "remote": .string(request.peer),
                "requester": requester.map(JSON.string), "method": .string(request.head.method),
                "path": .string(request.head.path), "bucket": target?.bucket.map(JSON.string),
                "key": (target?.key?.text).map(JSON.string), "status": .int(response.status),
                "error": failure.map { .string($0.answer.code) },
                "bytes": .int(request.head.method == "HEAD" ? 0 : response.payload.count),
                "range": request.head.headers["range"].map(JSON.string),
                "micros": .int(took / .microseconds(1) > 0 ? Int(took / .microseconds(1)) : 0),
                "user_agent": request.head.headers["user-agent"].map(JSON.string),
            ]))
    }
}
