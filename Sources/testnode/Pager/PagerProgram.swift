/// The pager's entry point: `testnode pager --config FILE`.
enum PagerProgram {
    static func main(arguments: [String]) async {}
}
