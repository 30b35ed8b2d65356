/// What is wrong with a small expression inside a file; the reader adds the place.
struct ExpressionError: Error, Hashable {
    var message: String
    var remedy: String

    init(_ message: String, remedy: String = "") {
        self.message = message
        self.remedy = remedy
    }
}
