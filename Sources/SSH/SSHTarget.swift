/// Where to connect, as whom, and which host key to expect there.
public struct SSHTarget: Sendable, Hashable {
    /// The host's name in messages; it is never resolved.
    public var name: String
    /// A numeric IPv4 or IPv6 address. Names are refused: resolving one would block.
    public var address: String
    /// The TCP port of the host's sshd, 1 to 65535.
    public var port: UInt16
    /// The account to log in to.
    public var user: String
    /// The key that logs in. No agent and no `~/.ssh` is ever asked.
    public var privateKey: SSHPrivateKey
    /// The host keys that are accepted, most preferred first. An empty list accepts none.
    public var hostKeys: [SSHHostKey]
    /// The numeric local address to connect from, or nil to let the system choose.
    public var sourceAddress: String?

    /// Describes a host. Nothing is checked before `SSHConnection.connect`.
    public init(
        name: String, address: String, port: UInt16 = 22, user: String, privateKey: SSHPrivateKey,
        hostKeys: [SSHHostKey], sourceAddress: String? = nil
    ) {
        self.name = name
        self.address = address
        self.port = port
        self.user = user
        self.privateKey = privateKey
        self.hostKeys = hostKeys
        self.sourceAddress = sourceAddress
    }

    /// `name (address:port)`, as it appears in every error.
    public var label: String { "\(name) (\(address):\(port))" }
}

/// A private key in OpenSSH's own format, without a passphrase. libssh2 1.10 can use Ed25519 and ECDSA keys with
/// today's servers, not RSA keys (no rsa-sha2 signatures).
public struct SSHPrivateKey: Sendable, Hashable, CustomStringConvertible {
    /// The key's text and a NUL: libssh2 takes a length and still looks for the end of a C string.
    let terminated: [UInt8]
    /// Where the key came from, for messages; the key itself is never shown.
    public let description: String

    /// A key that is already in memory. `source` names it in messages.
    public init(bytes: [UInt8], source: String = "a key in memory") {
        self.terminated = bytes + [0]
        self.description = source
    }

    /// Reads a key file, at most `SSHLimits.keyFile` bytes.
    /// - Throws: `SSHError.keyUnreadable`.
    public init(file path: String) throws(SSHError) {
        switch LocalFile.read(path, limit: SSHLimits.keyFile) {
        case .success(let bytes): self.init(bytes: bytes, source: path)
        case .failure(let failure): throw .keyUnreadable(path: path, reason: failure.reason)
        }
    }
}

/// A host's public key, compared byte for byte with what the server presents.
public struct SSHHostKey: Sendable, Hashable {
    /// The key's type as SSH writes it, such as `ssh-ed25519`.
    public let algorithm: String
    let blob: [UInt8]

    /// The key types that libssh2 1.10 verifies and that today's servers still offer.
    static let supported = [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    ]

    /// Reads a line of a `.pub` file (`ssh-ed25519 AAAA... comment`), or the part of a known_hosts line after the
    /// host names. The format is that of sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".
    /// - Throws: `SSHError.hostKeyUnreadable`.
    public init(openSSH line: String) throws(SSHError) {
        let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" })
        guard fields.count >= 2 else {
            throw .hostKeyUnreadable(reason: "it needs a key type and a key in base64")
        }
        let algorithm = String(fields[0])
        guard Self.supported.contains(algorithm) else {
            let known = Self.supported.joined(separator: ", ")
            throw .hostKeyUnreadable(reason: "its type '\(algorithm)' is not one of \(known)")
        }
        guard let blob = Base64.decode(fields[1].utf8), Self.type(of: blob) == algorithm else {
            throw .hostKeyUnreadable(reason: "its base64 part is damaged or belongs to another key type")
        }
        self.algorithm = algorithm
        self.blob = blob
    }

    /// The type a key blob names itself: a length-prefixed string at its start (RFC 4253 section 6.6).
    private static func type(of blob: [UInt8]) -> String? {
        guard blob.count > 4 else { return nil }
        let length = blob[0..<4].reduce(0) { $0 << 8 | Int($1) }
        guard length > 0, length <= blob.count - 4 else { return nil }
        return String(decoding: blob[4..<(4 + length)], as: UTF8.self)
    }
}
