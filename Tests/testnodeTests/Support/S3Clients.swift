import Foundation

@testable import testnode

/// The real S3 clients, pointed at a running bucket.
struct S3Clients: Sendable {
    static let accessKey = "AKIATESTNETOPS000000"
    static let secretKey = "ops/secret+key/of/the/testnet"
    static let otherKey = "AKIATESTNETCI0000000"
    static let otherSecret = "ci-secret"
    static let configuration = """
        host = s3.testnet
        credential.ops = owner \(accessKey) \(secretKey)
        credential.ci = other \(otherKey) \(otherSecret)

        """

    let program: RunningProgram

    private var credentials: [String: String] {
        [
            "AWS_ACCESS_KEY_ID": Self.accessKey, "AWS_SECRET_ACCESS_KEY": Self.secretKey,
            "AWS_DEFAULT_REGION": "us-east-1",
        ]
    }

    /// `curl` as anybody.
    func curl(_ arguments: String...) async throws -> CommandResult {
        try await Command.run("curl", ["-sS", "--max-time", "30"] + arguments)
    }

    /// `curl` that signs as the operator. S3 wants the body's hash in a header, which this curl does not add.
    func signedCurl(_ arguments: String...) async throws -> CommandResult {
        try await Command.run(
            "curl",
            [
                "-sS", "--max-time", "30", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user",
                "\(Self.accessKey):\(Self.secretKey)", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD",
            ] + arguments)
    }

    /// The AWS command line; fails if it does.
    @discardableResult
    func aws(_ arguments: String...) async throws -> CommandResult {
        let result = try await tryAWS(arguments)
        guard result.status == 0 else {
            throw ToolFailure(description: "aws \(arguments.joined(separator: " ")): \(result.errors)")
        }
        return result
    }

    /// The AWS command line, whatever it says.
    func tryAWS(_ arguments: [String], with other: [String: String] = [:]) async throws -> CommandResult {
        try await Command.run(
            try await Self.python.value, ["-m", "awscli", "--endpoint-url", program.url] + arguments,
            environment: credentials.merging(other) { $1 })
    }

    func rclone(_ arguments: String...) async throws -> CommandResult {
        try await Command.run(
            "rclone", ["--retries", "1", "--low-level-retries", "1"] + arguments,
            environment: [
                "RCLONE_CONFIG": "/dev/null", "RCLONE_CONFIG_T_TYPE": "s3", "RCLONE_CONFIG_T_PROVIDER": "Other",
                "RCLONE_CONFIG_T_ENDPOINT": program.url, "RCLONE_CONFIG_T_ACCESS_KEY_ID": Self.accessKey,
                "RCLONE_CONFIG_T_SECRET_ACCESS_KEY": Self.secretKey, "RCLONE_CONFIG_T_REGION": "us-east-1",
            ])
    }

    /// A Python script that finds a boto3 client as `s3`, the endpoint as `url`, and ends with an assertion if it fails.
    func boto3(_ script: String) async throws -> CommandResult {
        let start = """
            import sys, io, time, hashlib, urllib.request, urllib.error
            import boto3
            from botocore.config import Config
            from botocore.exceptions import ClientError
            url = "\(program.url)"
            def client(**extra):
                keys = dict(aws_access_key_id="\(Self.accessKey)", aws_secret_access_key="\(Self.secretKey)")
                keys.update(extra)
                return boto3.client("s3", endpoint_url=url, region_name="us-east-1",
                    config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}), **keys)
            s3 = client()
            def code(call, *args, **named):
                try:
                    call(*args, **named)
                except ClientError as error:
                    return error.response["Error"]["Code"]
                return "OK"
            def equal(found, wanted):
                assert found == wanted, f"found {found!r}, wanted {wanted!r}"

            """
        return try await Command.run(
            try await Self.python.value, ["-c", start + script], environment: credentials)
    }

    /// A Python with boto3 and the AWS command line, made by the project's own script on first use.
    static let python = Task<String, any Error> {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("scripts/python-clients")
            .path
        let result = try await Command.run(script, [], within: .seconds(300))
        guard result.status == 0 else {
            throw ToolFailure(description: "scripts/python-clients failed: \(result.errors)")
        }
        return result.text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    static let publicRead =
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::release/*"}]}"#
    static let blockAll =
        "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
}
