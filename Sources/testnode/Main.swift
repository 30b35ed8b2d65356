/// The testnet's own programs in one binary: `node` (default), `bucket` and `pager`.
@main
enum TestNode {
    static func main() async {}
}
