@main
enum Firedrill {
    static func main() async {}
}
