/// The bucket's entry point: `testnode bucket --config FILE`.
enum BucketProgram {
    static func main(arguments: [String]) async {}
}
