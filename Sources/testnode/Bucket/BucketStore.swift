/// Buckets, objects and uploads, in memory as an index and on disk so that they survive a restart.
///
/// On disk: `<data>/buckets/<bucket>/bucket.json`, `objects/<hash of key>.json`, `uploads/<id>.json` and `blobs/<id>`;
/// `<data>/tmp` holds what is being written. A record names its blob, and records are replaced by renaming, so a crash
/// leaves the old object or the new one. Blobs that no record names are removed at the next start.
actor BucketStore {
    struct Bucket: Sendable {
        let name: String
        var created: Timestamp
        var access = BucketAccess()
        /// Text of the policy as it was put; ``BucketAccess/policy`` is its meaning.
        var policyText: String?
        var objects: [ObjectKey: ObjectRecord] = [:]
        var uploads: [String: MultipartUpload] = [:]
        /// Keys in listing order; nil after a change, made again by the next listing.
        var sortedKeys: [ObjectKey]?
    }

    private let folder: String
    private var buckets: [String: Bucket] = [:]

    /// Opens the state in `folder`, making it if it is not there.
    init(folder: String) throws(StoreFailure) {
        self.folder = folder
        try StoreFiles.makeFolder(folder)
        try StoreFiles.makeFolder(folder + "/buckets")
        try StoreFiles.removeTree(folder + "/tmp")
        try StoreFiles.makeFolder(folder + "/tmp")
        for name in try StoreFiles.list(folder + "/buckets") {
            buckets[name] = try Self.load(name, from: folder + "/buckets/" + name)
        }
    }

    // MARK: Buckets

    var names: [(name: String, created: Timestamp)] {
        buckets.values.map { ($0.name, $0.created) }.sorted { $0.0 < $1.0 }
    }

    func access(of bucket: String) throws(S3Error) -> BucketAccess { try find(bucket).access }
    func policyText(of bucket: String) throws(S3Error) -> String? { try find(bucket).policyText }
    func exists(_ bucket: String) -> Bool { buckets[bucket] != nil }

    func create(_ name: String, acl: CannedACL) throws(S3Error) {
        guard buckets[name] == nil else { throw .bucketAlreadyOwnedByYou }
        var bucket = Bucket(name: name, created: .now())
        bucket.access.acl = acl
        try onDisk { () throws(StoreFailure) in
            for part in ["", "/objects", "/uploads", "/blobs"] { try StoreFiles.makeFolder(path(name) + part) }
        }
        try save(bucket)
    }

    func delete(_ name: String) throws(S3Error) {
        let bucket = try find(name)
        guard bucket.objects.isEmpty, bucket.uploads.isEmpty else { throw .bucketNotEmpty }
        // Renamed first, so that a crash half-way leaves no half of a bucket.
        let doomed = "\(folder)/tmp/deleted-\(RandomName.make())"
        try onDisk { () throws(StoreFailure) in
            try StoreFiles.rename(path(name), to: doomed)
            buckets[name] = nil
            try StoreFiles.removeTree(doomed)
        }
    }

    /// Changes who may use a bucket; `change` may refuse by throwing, and then nothing has changed.
    func setAccess(of name: String, _ change: @Sendable (inout BucketAccess) throws(S3Error) -> Void) throws(S3Error) {
        var bucket = try find(name)
        try change(&bucket.access)
        try save(bucket)
    }

    func setPolicy(of name: String, to policy: (meaning: BucketPolicy, text: String)?) throws(S3Error) {
        var bucket = try find(name)
        if let policy { try bucket.access.checkSetting(policy: policy.meaning) }
        bucket.access.policy = policy?.meaning
        bucket.policyText = policy?.text
        try save(bucket)
    }

    // MARK: Objects

    /// A file to write an upload into.
    nonisolated func makeTemporaryFile() throws(S3Error) -> TemporaryFile {
        try onDisk { () throws(StoreFailure) in try TemporaryFile(path: "\(folder)/tmp/\(RandomName.make())") }
    }

    func record(_ key: ObjectKey, in bucket: String) throws(S3Error) -> ObjectRecord? { try find(bucket).objects[key] }

    /// An object's record with its bytes, which stay readable whatever happens to the object meanwhile.
    func open(_ key: ObjectKey, in bucket: String) throws(S3Error) -> (record: ObjectRecord, file: HTTP.OpenFile)? {
        guard let record = try find(bucket).objects[key] else { return nil }
        let blob = blobPath(record.blob, in: bucket)
        guard let file = HTTP.OpenFile(path: blob), file.size == record.size else {
            log("The bytes of an object are missing or cut: \(blob)")
            throw .internalError
        }
        return (record, file)
    }

    /// Makes the bytes in `file` the object that `record` describes, replacing an older one.
    /// - Parameter onlyIfAbsent: throws ``S3Error/preconditionFailed`` if there is one.
    func put(
        _ record: ObjectRecord, bytes file: TemporaryFile, in bucket: String, onlyIfAbsent: Bool = false
    ) throws(S3Error) {
        let old = try find(bucket).objects[record.key]
        if onlyIfAbsent, old != nil { throw .preconditionFailed }
        try onDisk { () throws(StoreFailure) in
            try file.move(to: blobPath(record.blob, in: bucket))
            try StoreFiles.writeRecord(record.json, to: recordPath(record.key, in: bucket))
            buckets[bucket]?.objects[record.key] = record
            if old == nil { buckets[bucket]?.sortedKeys = nil }
            if let old { try StoreFiles.remove(blobPath(old.blob, in: bucket)) }
        }
    }

    func setACL(_ acl: CannedACL, of key: ObjectKey, in bucket: String) throws(S3Error) {
        guard var record = try find(bucket).objects[key] else { throw .noSuchKey }
        record.acl = acl
        let changed = record
        try onDisk { () throws(StoreFailure) in
            try StoreFiles.writeRecord(changed.json, to: recordPath(key, in: bucket))
            buckets[bucket]?.objects[key] = changed
        }
    }

    /// Removes an object; one that is not there is fine, as on S3.
    func delete(_ key: ObjectKey, in bucket: String) throws(S3Error) {
        guard let record = try find(bucket).objects[key] else { return }
        try onDisk { () throws(StoreFailure) in
            try StoreFiles.remove(recordPath(key, in: bucket))
            buckets[bucket]?.objects[key] = nil
            buckets[bucket]?.sortedKeys = nil
            try StoreFiles.remove(blobPath(record.blob, in: bucket))
        }
    }

    func list(_ query: ListQuery, in name: String) throws(S3Error) -> ListPage {
        let bucket = try find(name)
        let keys = bucket.sortedKeys ?? bucket.objects.keys.sorted()
        buckets[name]?.sortedKeys = keys
        return query.page(of: keys, records: bucket.objects)
    }

    // MARK: Multipart uploads

    func begin(_ upload: MultipartUpload, in bucket: String) throws(S3Error) {
        _ = try find(bucket)
        try save(upload, in: bucket)
    }

    func uploads(in bucket: String) throws(S3Error) -> [MultipartUpload] {
        try find(bucket).uploads.values.sorted { ($0.key, $0.initiated) < ($1.key, $1.initiated) }
    }

    func upload(_ id: String, of key: ObjectKey, in bucket: String) throws(S3Error) -> MultipartUpload {
        guard let upload = try find(bucket).uploads[id], upload.key == key else { throw .noSuchUpload }
        return upload
    }

    func addPart(
        _ part: MultipartUpload.Part, bytes file: TemporaryFile, to id: String, of key: ObjectKey, in bucket: String
    ) throws(S3Error) {
        var upload = try upload(id, of: key, in: bucket)
        let old = upload.parts[part.number]
        upload.parts[part.number] = part
        try onDisk { () throws(StoreFailure) in
            try file.move(to: blobPath(part.blob, in: bucket))
        }
        try save(upload, in: bucket)
        if let old { try onDisk { () throws(StoreFailure) in try StoreFiles.remove(blobPath(old.blob, in: bucket)) } }
    }

    func open(_ part: MultipartUpload.Part, in bucket: String) throws(S3Error) -> HTTP.OpenFile {
        guard let file = HTTP.OpenFile(path: blobPath(part.blob, in: bucket)), file.size == part.size else {
            log("The bytes of a part are missing or cut: \(blobPath(part.blob, in: bucket))")
            throw .internalError
        }
        return file
    }

    /// Forgets an upload and removes its parts: after it was completed, or to abort it.
    func end(_ id: String, of key: ObjectKey, in bucket: String) throws(S3Error) {
        let upload = try upload(id, of: key, in: bucket)
        try onDisk { () throws(StoreFailure) in
            try StoreFiles.remove(uploadPath(id, in: bucket))
            buckets[bucket]?.uploads[id] = nil
            for part in upload.parts.values { try StoreFiles.remove(blobPath(part.blob, in: bucket)) }
        }
    }

    // MARK: Disk

    private func find(_ name: String) throws(S3Error) -> Bucket {
        guard let bucket = buckets[name] else { throw .noSuchBucket }
        return bucket
    }

    private func save(_ bucket: Bucket) throws(S3Error) {
        try onDisk { () throws(StoreFailure) in
            try StoreFiles.writeRecord(bucket.settings, to: path(bucket.name) + "/bucket.json")
            buckets[bucket.name] = bucket
        }
    }

    private func save(_ upload: MultipartUpload, in bucket: String) throws(S3Error) {
        try onDisk { () throws(StoreFailure) in
            try StoreFiles.writeRecord(upload.json, to: uploadPath(upload.id, in: bucket))
            buckets[bucket]?.uploads[upload.id] = upload
        }
    }

    private func path(_ bucket: String) -> String { "\(folder)/buckets/\(bucket)" }
    private func blobPath(_ blob: String, in bucket: String) -> String { path(bucket) + "/blobs/" + blob }
    private func uploadPath(_ id: String, in bucket: String) -> String { path(bucket) + "/uploads/\(id).json" }
    private func recordPath(_ key: ObjectKey, in bucket: String) -> String {
        path(bucket) + "/objects/" + RandomName.file(for: key) + ".json"
    }

    /// Turns a failing disk into S3's InternalError, with the reason in the program's log.
    private nonisolated func onDisk<Result>(_ work: () throws(StoreFailure) -> Result) throws(S3Error) -> Result {
        do {
            return try work()
        } catch {
            log("\(error)")
            throw .internalError
        }
    }

    private nonisolated func log(_ problem: String) {
        JSONLog.standardError.write(
            .make(["level": .string("error"), "program": .string("bucket"), "message": .string(problem)]))
    }
}
