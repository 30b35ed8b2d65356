import Foundation
import Testing

@testable import testnode

@Suite("The bucket under real S3 clients", .serialized)
struct BucketClientTests {
    static func withBucket(
        _ body: @escaping (S3Clients, TemporaryFolder) async throws -> Void,
        afterRestart: ((S3Clients, TemporaryFolder) async throws -> Void)? = nil, stoppedBy signal: Int32 = SIGTERM
    ) async throws {
        try await RunningProgram.with(
            "bucket", S3Clients.configuration, { try await body(S3Clients(program: $0), $0.folder) },
            afterRestart: afterRestart.map { after in { try await after(S3Clients(program: $0), $0.folder) } },
            stoppedBy: signal)
    }

    /// The incident: an operator takes public read away and gives it back, with the AWS command line.
    @Test func publicReadIsTakenAwayAndGivenBack() async throws {
        try await Self.withBucket { s3, folder in
            let binary = try folder.makeFile("harmony", size: 3_000_000)
            let bytes = try folder.read("harmony")
            let object = s3.program.url + "/release/harmony"
            try await s3.aws("s3", "mb", "s3://release")
            try await s3.aws("s3", "cp", "--quiet", binary, "s3://release/harmony")
            #expect(try await s3.curl("-w", "%{http_code}", "-o", "/dev/null", object).text == "403")
            try await s3.aws("s3api", "put-bucket-policy", "--bucket", "release", "--policy", S3Clients.publicRead)
            #expect(try await s3.curl(object).output == bytes)

            try await s3.aws(
                "s3api", "put-public-access-block", "--bucket", "release", "--public-access-block-configuration",
                S3Clients.blockAll)
            let denied = try await s3.curl("-i", object).text
            #expect(denied.hasPrefix("HTTP/1.1 403 ") && denied.contains("Content-Type: application/xml"))
            #expect(denied.contains("<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>"))
            #expect(try await s3.signedCurl(object).output == bytes)
            let refused = try await s3.tryAWS(
                ["s3api", "put-bucket-policy", "--bucket", "release", "--policy", S3Clients.publicRead])
            #expect(refused.status != 0 && refused.errors.contains("AccessDenied"))

            try await s3.aws("s3api", "delete-public-access-block", "--bucket", "release")
            #expect(try await s3.curl(object).output == bytes)
            try await s3.aws("s3api", "delete-bucket-policy", "--bucket", "release")
            #expect(try await s3.curl("-w", "%{http_code}", "-o", "/dev/null", object).text == "403")
            let status = try await s3.tryAWS(["s3api", "get-bucket-policy-status", "--bucket", "release"])
            #expect(status.errors.contains("NoSuchBucketPolicy"))
            #expect(!s3.program.log.contains(S3Clients.secretKey))
        }
    }

    @Test func boto3SeesS3sErrorsAndAnswers() async throws {
        try await Self.withBucket { s3, _ in
            let result = try await s3.boto3(
                """
                equal(code(s3.head_bucket, Bucket="release"), "404")
                equal(code(s3.list_objects_v2, Bucket="release"), "NoSuchBucket")
                s3.create_bucket(Bucket="release")
                equal(code(s3.create_bucket, Bucket="release"), "BucketAlreadyOwnedByYou")
                equal(code(s3.create_bucket, Bucket="Release_x"), "InvalidBucketName")
                equal(s3.get_bucket_location(Bucket="release")["LocationConstraint"], None)
                equal([b["Name"] for b in s3.list_buckets()["Buckets"]], ["release"])
                put = s3.put_object(Bucket="release", Key="a b/é+&.bin", Body=b"hello", ContentType="text/plain",
                    Metadata={"version": "1.2.3"})
                equal(put["ETag"], '"' + hashlib.md5(b"hello").hexdigest() + '"')
                got = s3.get_object(Bucket="release", Key="a b/é+&.bin")
                equal(got["Body"].read(), b"hello")
                equal((got["ContentType"], got["Metadata"], got["ContentLength"]), ("text/plain", {"version": "1.2.3"}, 5))
                equal(code(s3.get_object, Bucket="release", Key="none"), "NoSuchKey")
                equal(code(s3.head_object, Bucket="release", Key="none"), "404")
                part = s3.get_object(Bucket="release", Key="a b/é+&.bin", Range="bytes=1-3")
                equal((part["Body"].read(), part["ContentRange"], part["ResponseMetadata"]["HTTPStatusCode"]),
                    (b"ell", "bytes 1-3/5", 206))
                equal(code(s3.get_object, Bucket="release", Key="a b/é+&.bin", Range="bytes=9-"), "InvalidRange")
                equal(code(s3.get_object, Bucket="release", Key="a b/é+&.bin", IfNoneMatch=put["ETag"]), "304")
                equal(code(s3.get_object, Bucket="release", Key="a b/é+&.bin", IfMatch='"x"'), "PreconditionFailed")
                equal(code(s3.put_object, Bucket="release", Key="a b/é+&.bin", Body=b"x", IfNoneMatch="*"),
                    "PreconditionFailed")
                s3.copy_object(Bucket="release", Key="copy", CopySource={"Bucket": "release", "Key": "a b/é+&.bin"})
                equal(s3.get_object(Bucket="release", Key="copy")["Metadata"], {"version": "1.2.3"})
                for algorithm in ["CRC32", "SHA1", "SHA256"]:
                    s3.put_object(Bucket="release", Key=algorithm, Body=b"sum", ChecksumAlgorithm=algorithm)
                    got = s3.get_object(Bucket="release", Key=algorithm, ChecksumMode="ENABLED")
                    assert "Checksum" + algorithm in got, got
                    equal(got["Body"].read(), b"sum")
                equal(code(s3.put_object, Bucket="release", Key="bad", Body=b"x", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg=="),
                    "BadDigest")
                equal(code(s3.put_object_tagging, Bucket="release", Key="copy", Tagging={"TagSet": []}), "NotImplemented")
                equal(s3.get_object(Bucket="release", Key="copy")["Body"].read(), b"hello")
                equal(code(s3.delete_bucket, Bucket="release"), "BucketNotEmpty")
                """)
            #expect(result.status == 0, "\(result.errors)\n\(s3.program.log.suffix(2000))")
        }
    }

    @Test func callersGetWhatTheyMayHaveAndNoMore() async throws {
        try await Self.withBucket { s3, _ in
            let result = try await s3.boto3(
                """
                s3.create_bucket(Bucket="release")
                s3.put_object(Bucket="release", Key="k", Body=b"hello")
                ci = client(aws_access_key_id="\(S3Clients.otherKey)", aws_secret_access_key="\(S3Clients.otherSecret)")
                equal(code(ci.get_object, Bucket="release", Key="k"), "AccessDenied")
                equal(code(ci.get_object, Bucket="release", Key="none"), "AccessDenied")
                equal(code(ci.list_buckets), "AccessDenied")
                equal(code(ci.create_bucket, Bucket="other"), "AccessDenied")
                s3.put_bucket_policy(Bucket="release", Policy='''{"Statement": [
                    {"Effect": "Allow", "Principal": {"AWS": "\(S3Clients.otherKey)"}, "Action": ["s3:Get*", "s3:ListBucket"],
                     "Resource": ["arn:aws:s3:::release", "arn:aws:s3:::release/*"]},
                    {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::release/secret*"}]}''')
                equal(ci.get_object(Bucket="release", Key="k")["Body"].read(), b"hello")
                equal(code(ci.get_object, Bucket="release", Key="none"), "NoSuchKey")
                equal(code(ci.put_object, Bucket="release", Key="k", Body=b"x"), "AccessDenied")
                equal(code(ci.delete_object, Bucket="release", Key="k"), "AccessDenied")
                equal(code(ci.get_bucket_policy, Bucket="release"), "MethodNotAllowed")
                s3.put_object(Bucket="release", Key="secret", Body=b"x")
                equal(code(s3.get_object, Bucket="release", Key="secret"), "AccessDenied")
                equal(code(s3.put_bucket_policy, Bucket="release", Policy='{"Statement": [{"Effect": "Allow", '
                    '"Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::release/*", '
                    '"Condition": {"Bool": {"aws:SecureTransport": "true"}}}]}'), "MalformedPolicy")
                wrong = client(aws_secret_access_key="wrong")
                equal(code(wrong.get_object, Bucket="release", Key="k"), "SignatureDoesNotMatch")
                unknown = client(aws_access_key_id="AKIAUNKNOWN")
                equal(code(unknown.get_object, Bucket="release", Key="k"), "InvalidAccessKeyId")
                s3.put_object_acl(Bucket="release", Key="k", ACL="public-read")
                equal(urllib.request.urlopen(url + "/release/k").read(), b"hello")
                equal(len(s3.get_object_acl(Bucket="release", Key="k")["Grants"]), 2)
                s3.put_public_access_block(Bucket="release", PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
                try:
                    urllib.request.urlopen(url + "/release/k")
                    raise AssertionError("an ignored ACL still lets everybody read")
                except urllib.error.HTTPError as error:
                    equal(error.code, 403)
                """)
            #expect(result.status == 0, "\(result.errors)\n\(s3.program.log.suffix(2000))")
        }
    }

    @Test func listingsPageRollUpAndDelete() async throws {
        try await Self.withBucket { s3, _ in
            let result = try await s3.boto3(
                """
                s3.create_bucket(Bucket="release")
                keys = sorted(["top", "x<&>y", "nl\\nx"] + [f"dir{i}/{j}" for i in range(3) for j in range(4)])
                for key in keys:
                    s3.put_object(Bucket="release", Key=key, Body=b"1")
                for version in ["list_objects", "list_objects_v2"]:
                    pages = s3.get_paginator(version).paginate(Bucket="release", PaginationConfig={"PageSize": 4})
                    equal([o["Key"] for page in pages for o in page.get("Contents", [])], keys)
                    pages = s3.get_paginator(version).paginate(Bucket="release", Delimiter="/",
                        PaginationConfig={"PageSize": 2})
                    pages = list(pages)
                    equal([p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])],
                        ["dir0/", "dir1/", "dir2/"])
                    equal(sorted(o["Key"] for page in pages for o in page.get("Contents", [])),
                        sorted(["top", "x<&>y", "nl\\nx"]))
                equal([o["Key"] for o in s3.list_objects_v2(Bucket="release", StartAfter="dir2/2")["Contents"]],
                    [k for k in keys if k > "dir2/2"])
                done = s3.delete_objects(Bucket="release", Delete={"Objects": [{"Key": k} for k in keys] + [{"Key": "none"}]})
                equal(len(done["Deleted"]), len(keys) + 1)
                equal(s3.list_objects_v2(Bucket="release")["KeyCount"], 0)
                s3.delete_bucket(Bucket="release")
                equal(s3.list_buckets()["Buckets"], [])
                """)
            #expect(result.status == 0, "\(result.errors)\n\(s3.program.log.suffix(2000))")
        }
    }

    @Test func largerFilesGoInPartsAndSurviveARestart() async throws {
        let policy = S3Clients.publicRead
        try await Self.withBucket(
            { s3, folder in
                let result = try await s3.boto3(
                    """
                    s3.create_bucket(Bucket="release")
                    data = bytes(range(256)) * (13 * 4096)
                    s3.upload_fileobj(io.BytesIO(data), "release", "big", ExtraArgs={"Metadata": {"m": "v"}})
                    head = s3.head_object(Bucket="release", Key="big")
                    assert head["ETag"].endswith('-2"'), head["ETag"]
                    equal((head["ContentLength"], head["Metadata"]), (len(data), {"m": "v"}))
                    down = io.BytesIO(); s3.download_fileobj("release", "big", down)
                    equal(hashlib.sha256(down.getvalue()).digest(), hashlib.sha256(data).digest())
                    s3.copy({"Bucket": "release", "Key": "big"}, "release", "big2")
                    equal(s3.head_object(Bucket="release", Key="big2")["ContentLength"], len(data))
                    first = s3.create_multipart_upload(Bucket="release", Key="parts")["UploadId"]
                    equal([u["UploadId"] for u in s3.list_multipart_uploads(Bucket="release")["Uploads"]], [first])
                    tag = s3.upload_part(Bucket="release", Key="parts", UploadId=first, PartNumber=2, Body=b"small")["ETag"]
                    other = s3.upload_part(Bucket="release", Key="parts", UploadId=first, PartNumber=7, Body=b"last")["ETag"]
                    equal([p["PartNumber"] for p in s3.list_parts(Bucket="release", Key="parts", UploadId=first)["Parts"]], [2, 7])
                    def finish(*parts):
                        return code(s3.complete_multipart_upload, Bucket="release", Key="parts", UploadId=first,
                            MultipartUpload={"Parts": [{"PartNumber": n, "ETag": t} for n, t in parts]})
                    equal(finish((2, tag), (7, other)), "EntityTooSmall")
                    equal(finish((7, other), (2, tag)), "InvalidPartOrder")
                    equal(finish((2, other)), "InvalidPart")
                    equal(finish((7, other)), "OK")
                    equal(s3.get_object(Bucket="release", Key="parts")["Body"].read(), b"last")
                    equal(finish((7, other)), "NoSuchUpload")
                    second = s3.create_multipart_upload(Bucket="release", Key="gone")["UploadId"]
                    s3.abort_multipart_upload(Bucket="release", Key="gone", UploadId=second)
                    equal(code(s3.upload_part, Bucket="release", Key="gone", UploadId=second, PartNumber=1, Body=b"x"), "NoSuchUpload")
                    s3.create_multipart_upload(Bucket="release", Key="open")
                    s3.put_bucket_policy(Bucket="release", Policy='''\(policy)''')
                    """)
                #expect(result.status == 0, "\(result.errors)\n\(s3.program.log.suffix(2000))")
            },
            afterRestart: { s3, folder in
                let result = try await s3.boto3(
                    """
                    data = bytes(range(256)) * (13 * 4096)
                    equal(urllib.request.urlopen(url + "/release/big").read(), data)
                    equal(s3.head_object(Bucket="release", Key="big")["Metadata"], {"m": "v"})
                    equal([u["Key"] for u in s3.list_multipart_uploads(Bucket="release")["Uploads"]], ["open"])
                    equal([o["Key"] for o in s3.list_objects_v2(Bucket="release")["Contents"]], ["big", "big2", "parts"])
                    """)
                #expect(result.status == 0, "\(result.errors)\n\(s3.program.log.suffix(2000))")
                // Nothing is left of replaced objects, finished uploads or half-written files.
                let blobs = try FileManager.default.contentsOfDirectory(
                    atPath: folder.path + "/data/buckets/release/blobs")
                #expect(blobs.count == 3)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/tmp").isEmpty)
            }, stoppedBy: SIGKILL)
    }

    @Test func presignedURLsExpire() async throws {
        try await Self.withBucket { s3, _ in
            let result = try await s3.boto3(
                """
                s3.create_bucket(Bucket="release")
                presign = client().generate_presigned_url
                from botocore.client import Config as C
                v4 = boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=C(signature_version="s3v4"),
                    aws_access_key_id="\(S3Clients.accessKey)", aws_secret_access_key="\(S3Clients.secretKey)")
                put = v4.generate_presigned_url("put_object", Params={"Bucket": "release", "Key": "k"}, ExpiresIn=60)
                urllib.request.urlopen(urllib.request.Request(put, data=b"hello", method="PUT",
                    headers={"Content-Type": ""}))
                get = v4.generate_presigned_url("get_object", Params={"Bucket": "release", "Key": "k",
                    "ResponseContentType": "text/x-special"}, ExpiresIn=1)
                answer = urllib.request.urlopen(get)
                equal((answer.read(), answer.headers["Content-Type"]), (b"hello", "text/x-special"))
                for _ in range(60):
                    time.sleep(0.1)
                    try:
                        urllib.request.urlopen(get)
                    except urllib.error.HTTPError as error:
                        equal(error.code, 403)
                        assert b"<Message>Request has expired</Message>" in error.read()
                        break
                else:
                    raise AssertionError("the URL did not expire")
                """)
            #expect(result.status == 0, "\(result.errors)\n\(s3.program.log.suffix(2000))")
            #expect(!s3.program.log.contains("X-Amz-Signature"))
        }
    }

    @Test func recentSDKsMayStreamWithATrailer() async throws {
        try await Self.withBucket { s3, _ in
            // The SDK's own encoder and signer; the client itself streams like this over TLS only.
            let result = try await s3.boto3(
                """
                from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum
                from botocore.auth import S3SigV4Auth
                from botocore.awsrequest import AWSRequest
                from botocore.credentials import Credentials
                s3.create_bucket(Bucket="release")
                def send(spoil):
                    data = b"0123456789" * 300000
                    body = AwsChunkedWrapper(io.BytesIO(data), checksum_cls=Crc32Checksum,
                        checksum_name="x-amz-checksum-crc32").read()
                    if spoil:
                        body = body.replace(b"0123456789", b"0123456780", 1)
                    request = AWSRequest("PUT", url + "/release/streamed", data=body, headers={
                        "X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "Content-Encoding": "aws-chunked,gzip",
                        "X-Amz-Trailer": "x-amz-checksum-crc32", "X-Amz-Decoded-Content-Length": str(len(data))})
                    auth = S3SigV4Auth(Credentials("\(S3Clients.accessKey)", "\(S3Clients.secretKey)"), "s3", "us-east-1")
                    auth.payload = lambda request: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
                    auth.add_auth(request)
                    return urllib.request.Request(request.url, data=body, headers=dict(request.headers), method="PUT")
                try:
                    urllib.request.urlopen(send(spoil=True))
                    raise AssertionError("a spoilt body was accepted")
                except urllib.error.HTTPError as error:
                    assert b"<Code>BadDigest</Code>" in error.read()
                equal(code(s3.get_object, Bucket="release", Key="streamed"), "NoSuchKey")
                urllib.request.urlopen(send(spoil=False))
                got = s3.get_object(Bucket="release", Key="streamed")
                equal((got["ContentLength"], got["ContentEncoding"]), (3000000, "gzip"))
                equal(got["Body"].read(), b"0123456789" * 300000)
                """)
            #expect(result.status == 0, "\(result.errors)\n\(s3.program.log.suffix(2000))")
        }
    }
}
