/// What is wrong with a small expression inside a file; the reader adds the place.
struct ExpressionError: Error, Hashable {
    var message: String
    var remedy: String
    /// Where in the expression, when it has several lines.
    var place: TextPlace?

    init(_ message: String, remedy: String = "", place: TextPlace? = nil) {
        self.message = message
        self.remedy = remedy
        self.place = place
    }
}
