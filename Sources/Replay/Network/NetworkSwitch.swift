import Definitions
import Foundation
import Glibc

/// The network's switch: the only process besides the harness that may change the run's packet filter. It answers on a
/// socket that is bound into the hosts with `network_control: true` and into no other; those hosts get no capability of
/// the kernel, only somebody to ask.
///
/// A process of its own, so that a host's lease can undo a network fault while the orchestrator stalls.
public struct NetworkSwitch {
    /// Hidden subcommand of `firedrill` that runs it.
    public static let subcommand = "_network"
    /// Where a host sees `RunFolder.networkSwitch`.
    static let folderOnHost = "/run/network"
    /// Where a host finds the command `network`.
    static let commandOnHost = "/usr/local/bin/network"

    private static let socketName = "control"
    private static let largestRequest = 64 << 10  // bytes
    /// A client that says nothing for so long is dropped, so that it cannot keep others out.
    private static let patience = timeval(tv_sec: 2, tv_usec: 0)

    /// What operators, runbooks and faults on the switch's host call.
    static let command = #"""
        #!/bin/sh
        # Asks the network's switch: which paths between the hosts of this network are cut or lossy.
        # FROM and TO are host names, or one of them is 'any'. A path leads one way.
        #
        # usage: network drop FROM TO             no packet gets through any more
        #        network loss PERCENT FROM TO     this share of packets is lost, each by chance
        #        network clear FROM TO            as it was before
        #        network show FROM TO             'open FROM TO', 'drop FROM TO' or 'loss PERCENT FROM TO'
        #        network list                     every path that is not open
        #        network -                        reads such lines from standard input: all or none of them
        set -u
        socket=/run/network/control
        for look in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            [ ! -S "$socket" ] || break
            sleep 0.1
        done
        # Whole before it is sent: the switch answers one at a time.
        if [ "$*" = - ]; then request=$(cat); else request=$*; fi
        answer=$(printf '%s\n' "$request" | socat -t 10 - "UNIX-CONNECT:$socket") ||
            { echo "network: the switch does not answer" >&2; exit 69; }
        # The last line is the switch's own verdict.
        printf '%s\n' "$answer" | sed '$d'
        case $(printf '%s\n' "$answer" | tail -n 1) in
        ok) ;;
        *) printf 'network: %s\n' "$(printf '%s\n' "$answer" | tail -n 1)" >&2; exit 64 ;;
        esac

        """#

    private let folder: RunFolder
    private var rules: PathRules

    /// - Throws: when the run folder's plan cannot be read.
    public init(folder: RunFolder) throws {
        self.folder = folder
        let plan = try JSONDecoder().decode(Plan.self, from: Data(contentsOf: URL(fileURLWithPath: folder.stagedPlan)))
        rules = PathRules(
            addresses: Dictionary(plan.testnet.hosts.map { ($0.name, $0.address) }) { first, _ in first })
    }

    /// Makes the folders that hosts are bound to before anything runs.
    static func prepare(_ folder: RunFolder) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder.networkSwitch, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw BootError.fileSystem(
                path: folder.networkSwitch, action: "create", reason: error.localizedDescription)
        }
    }

    /// Answers requests, one at a time, until the process is ended.
    /// - Throws: `BootError` when it cannot listen.
    public mutating func serve() async throws {
        let listener = try listen()
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                throw failure("accept a connection on")
            }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            let answer = await answer(to: Self.read(client))
            Self.write(answer, to: client)
            close(client)
        }
    }

    private mutating func answer(to request: String?) async -> String {
        guard let request else { return "the request did not arrive whole\n" }
        var next = rules
        do {
            let answer = try next.apply(request)
            if next != rules { try await enforce(next) }
            rules = next
            return answer + "ok\n"
        } catch let refusal as PathRules.Refusal {
            return refusal.reason + "\n"
        } catch {
            return "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ") + "\n"
        }
    }

    private func enforce(_ rules: PathRules) async throws {
        let file = "\(folder.network)/rules.nft"
        try rules.ruleSet.write(toFile: file, atomically: false, encoding: .utf8)
        try await Tool.run(["nft", "-f", file], purpose: "change the paths between hosts")
    }

    /// Listens by a relative name: a socket's path may have 107 bytes only, and a run folder's may have more.
    private func listen() throws -> Int32 {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0, chdir(folder.networkSwitch) == 0 else { throw failure("open") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(Self.socketName.utf8)) }
        unlink(Self.socketName)
        let bound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, Glibc.listen(listener, 16) == 0 else { throw failure("listen on") }
        return listener
    }

    private func failure(_ action: String) -> BootError {
        .fileSystem(
            path: "\(folder.networkSwitch)/\(Self.socketName)", action: action, reason: String(cString: strerror(errno))
        )
    }

    /// The whole request, up to the client's end of file; nil when it is too long or stops arriving.
    private static func read(_ client: Int32) -> String? {
        var patience = patience
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(client, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= largestRequest {
            let count = Glibc.read(client, &buffer, buffer.count)
            if count == 0 { return String(validating: bytes, as: UTF8.self) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
        return nil
    }

    private static func write(_ text: String, to client: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(client, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
