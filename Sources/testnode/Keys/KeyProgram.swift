/// Prints a test key of a DPoS chain: `keygen --dialect steem|eos --seed TEXT --name NAME`.
enum KeyProgram {
    static let usage = "usage: keygen --dialect steem|eos --seed TEXT --name NAME"

    /// Prints the key and ends, or ends the process with 64.
    static func main(arguments: [String]) {
        guard let lines = lines(arguments) else { Program.fail(usage, status: 64) }
        print(lines)
    }

    /// Two lines: the private key in wallet import format, and the public key's text.
    static func lines(_ arguments: [String]) -> String? {
        guard arguments.count == 6, arguments[0] == "--dialect", arguments[2] == "--seed", arguments[4] == "--name"
        else { return nil }
        let prefixes: [String: KeyPrefix] = ["steem": .steem, "eos": .eos]
        guard let prefix = prefixes[arguments[1]] else { return nil }
        let key = PrivateKey(seed: arguments[3], name: arguments[5])
        return "private_key \(key.wif)\npublic_key \(key.publicKey.text(prefix))"
    }
}
