/// The testnet's own programs in one binary: `bucket`, `pager`, `cli_wallet`, `history`, and the chain node, which is the default.
@main
enum TestNode {
    /// Picks the program from its own name or the first argument and gives it the rest.
    /// Without a known sub-command everything belongs to the node, which owns its own usage errors.
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if CommandLine.arguments.first?.split(separator: "/").last == "cli_wallet" {
            return WalletProgram.main(arguments: arguments)
        }
        switch arguments.first {
        case "bucket": await BucketProgram.main(arguments: Array(arguments.dropFirst()))
        case "pager": await PagerProgram.main(arguments: Array(arguments.dropFirst()))
        case "cli_wallet": WalletProgram.main(arguments: Array(arguments.dropFirst()))
        case "keygen" where arguments.dropFirst().first == "--dialect":
            KeyProgram.main(arguments: Array(arguments.dropFirst()))
        case "history": HistoryProgram.main(arguments: Array(arguments.dropFirst()))
        case "node": await NodeProgram.main(arguments: Array(arguments.dropFirst()))
        default: await NodeProgram.main(arguments: arguments)
        }
    }
}
