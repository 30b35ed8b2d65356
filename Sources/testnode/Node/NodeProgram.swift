/// The chain node's entry point.
enum NodeProgram {
    /// Runs the node with the arguments that follow `testnode` or `testnode node`.
    static func main(arguments: [String]) async {}
}
