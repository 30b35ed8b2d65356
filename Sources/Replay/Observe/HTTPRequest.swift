/// A request to an IPv4 address of the run; names are never looked up.
public struct HTTPRequest: Sendable, Hashable {
    /// `GET` or `POST`.
    public var method: String
    /// Dotted IPv4 address.
    public var address: String
    /// 1 to 65535.
    public var port: UInt16
    /// Path and query, starting with `/`.
    public var target: String
    /// Added to, or instead of, the client's own.
    public var headers: [String: String]
    /// Sent as it is, with its length.
    public var body: [UInt8]
    /// Bytes of the answer's body that are read; the rest is left.
    public var bodyLimit: Int

    /// 1 MiB.
    public static let defaultBodyLimit = 1 << 20

    /// A request with every part given.
    public init(
        method: String, address: String, port: UInt16, target: String, headers: [String: String] = [:],
        body: [UInt8] = [], bodyLimit: Int = HTTPRequest.defaultBodyLimit
    ) {
        self.method = method
        self.address = address
        self.port = port
        self.target = target
        self.headers = headers
        self.body = body
        self.bodyLimit = bodyLimit
    }

    /// A GET of `http://<IPv4 address>[:port]/path`; nil for any other URL.
    public init?(get url: String, headers: [String: String] = [:], bodyLimit: Int = HTTPRequest.defaultBodyLimit) {
        guard url.hasPrefix("http://"), url.utf8.count <= 4_096, url.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            return nil
        }
        let rest = url.dropFirst(7)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        var target = String(rest.dropFirst(authority.count).prefix { $0 != "#" })
        if !target.hasPrefix("/") { target = "/" + target }
        let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let octets = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard octets.count == 4, octets.allSatisfy({ $0.utf8.count <= 3 && UInt8($0) != nil }) else { return nil }
        var port: UInt16 = 80
        if parts.count == 2 {
            guard let number = UInt16(parts[1]), number > 0 else { return nil }
            port = number
        }
        self.init(
            method: "GET", address: String(parts[0]), port: port, target: target, headers: headers, bodyLimit: bodyLimit
        )
    }

    /// The bytes on the wire, or nil when a header would break out of its line.
    var bytes: [UInt8]? {
        var text = "\(method) \(target) HTTP/1.1\r\n"
        var all = [
            "Host": port == 80 ? address : "\(address):\(port)", "Connection": "close", "User-Agent": "firedrill",
            "Accept": "*/*",
        ]
        if !body.isEmpty || method == "POST" { all["Content-Length"] = "\(body.count)" }
        all.merge(headers) { _, new in new }
        for (name, value) in all.sorted(by: { $0.key < $1.key }) {
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ":") }),
                !value.utf8.contains(where: { $0 == 13 || $0 == 10 || $0 == 0 })
            else { return nil }
            text += "\(name): \(value)\r\n"
        }
        return Array((text + "\r\n").utf8) + body
    }
}
