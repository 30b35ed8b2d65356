import Crypto

extension BucketStore.Bucket {
    /// What `bucket.json` holds.
    var settings: JSON {
        .make([
            "created_ns": .int(created.nanoseconds), "acl": .string(access.acl.rawValue),
            "policy": policyText.map(JSON.string),
            "public_access_block": access.publicAccessBlock.map { block in
                .make([
                    "block_public_acls": .bool(block.blockPublicAcls),
                    "ignore_public_acls": .bool(block.ignorePublicAcls),
                    "block_public_policy": .bool(block.blockPublicPolicy),
                    "restrict_public_buckets": .bool(block.restrictPublicBuckets),
                ])
            },
        ])
    }

    /// Reads ``settings``; nil if something is missing or wrong.
    init?(name: String, settings: JSON) {
        guard let created = settings["created_ns"]?.integer, let acl = settings["acl"]?.text.flatMap(CannedACL.init)
        else { return nil }
        self.init(name: name, created: Timestamp(nanoseconds: Int64(created)))
        access.acl = acl
        if let text = settings["policy"]?.text {
            guard let policy = try? BucketPolicy(Array(text.utf8), bucket: name) else { return nil }
            access.policy = policy
            policyText = text
        }
        if let block = settings["public_access_block"] {
            access.publicAccessBlock = PublicAccessBlock(
                blockPublicAcls: block["block_public_acls"]?.isTrue ?? false,
                ignorePublicAcls: block["ignore_public_acls"]?.isTrue ?? false,
                blockPublicPolicy: block["block_public_policy"]?.isTrue ?? false,
                restrictPublicBuckets: block["restrict_public_buckets"]?.isTrue ?? false)
        }
    }
}

extension BucketStore {
    /// Reads a bucket from disk and removes blobs that no record names; nil for one whose making never finished.
    static func load(_ name: String, from folder: String) throws(StoreFailure) -> Bucket? {
        guard let settings = try StoreFiles.readRecord(folder + "/bucket.json") else {
            try StoreFiles.removeTree(folder)
            return nil
        }
        guard var bucket = Bucket(name: name, settings: settings) else {
            throw .damaged(path: folder + "/bucket.json")
        }
        var blobs: Set<String> = []
        for path in try records(in: folder + "/objects") {
            guard let json = try StoreFiles.readRecord(path), let record = ObjectRecord(json) else {
                throw .damaged(path: path)
            }
            bucket.objects[record.key] = record
            blobs.insert(record.blob)
        }
        for path in try records(in: folder + "/uploads") {
            guard let json = try StoreFiles.readRecord(path), let upload = MultipartUpload(json) else {
                throw .damaged(path: path)
            }
            bucket.uploads[upload.id] = upload
            blobs.formUnion(upload.parts.values.map(\.blob))
        }
        for blob in try StoreFiles.list(folder + "/blobs") where !blobs.contains(blob) {
            try StoreFiles.remove(folder + "/blobs/" + blob)
        }
        return bucket
    }

    private static func records(in folder: String) throws(StoreFailure) -> [String] {
        try StoreFiles.list(folder).filter { $0.hasSuffix(".json") }.map { folder + "/" + $0 }
    }
}

/// Names of files that no user can choose.
enum RandomName {
    /// 32 random hexadecimal digits.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }.hex
    }

    /// The same for the same key: SHA-256 of its bytes in hexadecimal.
    static func file(for key: ObjectKey) -> String { SHA256.hash(data: Array(key.text.utf8)).hex }
}
