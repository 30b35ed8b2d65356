import Testing

@testable import testnode

@Suite("JSON")
struct JSONTests {
    @Test(arguments: [
        "null", "true", "-0.5e+10", #""é\u0041\ud83d\ude00\n""#, "[]", "{}", #"{"a":[1,{"b":null}],"c":"d"}"#,
    ])
    func survivesARoundTrip(_ text: String) throws {
        let value = try JSON.parse(Array(text.utf8))
        #expect(try JSON.parse(Array(value.line.utf8)) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "01", "1.", "+1", "1e", "\"", "\"\u{01}\"", #""\x""#, #""\ud800""#, #""\ud800\u0041""#, "[1,]",
        "[1 2]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "1 2", "\u{FEFF}1",
    ])
    func refuses(_ text: String) {
        #expect(throws: JSONFailure.self) { try JSON.parse(Array(text.utf8)) }
    }

    @Test func refusesDuplicatesDepthAndBadUTF8() {
        #expect(throws: JSONFailure.duplicate(name: "a")) { try JSON.parse(Array(#"{"a":1,"a":2}"#.utf8)) }
        let deep = Array(String(repeating: "[", count: 100_000).utf8)
        #expect(throws: JSONFailure.tooDeep(limit: 16)) { try JSON.parse(deep) }
        #expect(throws: JSONFailure.self) { try JSON.parse([0x22, 0xFF, 0x22]) }
    }

    @Test func aLogLineStaysOneLine() {
        #expect(JSON.string("a\nb\u{2028}\u{1b}").line == #""a\nb\u2028\u001b""#)
    }
}

@Suite("XML")
struct XMLTests {
    @Test func readsWhatClientsSend() throws {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- made by hand -->
            <s3:Delete xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/"><s3:Object><Key>a&amp;b&#x41;&#66;</Key></s3:Object>
            <Quiet/></s3:Delete>
            """
        let root = try XMLElement.parse(Array(text.utf8))
        #expect(root.name == "Delete" && root.first("Quiet") != nil)
        #expect(root.first("Object")?.first("Key")?.text == "a&bAB")
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a/><b/>", "<a b></a>", "<a b=c></a>", "<a>&unknown;</a>", "<a>&#0;&#xD800;</a>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a><![CDATA[x]]></a>", "<a", "<a>&#99999999999;</a>",
    ])
    func refuses(_ text: String) {
        #expect(throws: S3Error.malformedXML) { try XMLElement.parse(Array(text.utf8)) }
    }

    @Test func limitsDepth() {
        #expect(throws: S3Error.malformedXML) {
            try XMLElement.parse(Array(String(repeating: "<a>", count: 100_000).utf8))
        }
    }
}

@Suite("HTTP heads")
struct HTTPHeadTests {
    static func parse(_ text: String) throws(HTTP.Failure) -> HTTP.Head {
        try HTTP.HeadParser.parse(Array(text.utf8)[...], limits: HTTP.Limits())
    }

    @Test func readsARequest() throws {
        let head = try Self.parse("GET /a%20b/c?x=1&y HTTP/1.1\r\nHost: h:80\r\nX-A:  one \r\nx-a: two\r\n\r\n")
        #expect(head.method == "GET" && head.path == "/a%20b/c" && head.query == "x=1&y" && head.minorVersion == 1)
        #expect(head.headers["host"] == "h:80" && head.headers.all("x-a") == ["one", "two"])
    }

    @Test func readsAnAbsoluteTarget() throws {
        let head = try Self.parse("GET http://h?x HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(head.path == "/" && head.query == "x")
    }

    @Test(arguments: [
        "GET / HTTP/2.0\r\nHost: h\r\n\r\n", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", "GET /\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET /\u{7f} HTTP/1.1\r\nHost: h\r\n\r\n", "G\u{1}T / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET x HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\u{0}\r\n\r\n", "\r\n\r\n",
    ])
    func refuses(_ text: String) {
        #expect(throws: HTTP.Failure.self) { try Self.parse(text) }
    }

    @Test func findsTheEndHoweverItArrives() {
        let bytes = Array("GET / HTTP/1.1\r\nHost: h\r\n\r\nbody".utf8)
        for cut in 0..<bytes.count {
            let early = HTTP.HeadParser.end(in: Array(bytes[..<cut]), from: 0)
            #expect(early == (cut >= bytes.count - 4 ? bytes.count - 4 : nil))
            #expect(HTTP.HeadParser.end(in: bytes, from: min(cut, bytes.count - 4)) == bytes.count - 4)
        }
    }
}

@Suite("Times")
struct TimestampTests {
    @Test func writesAndReadsTheThreeForms() throws {
        let time = Timestamp(nanoseconds: 1_567_229_484_042_000_000)
        #expect(time.iso8601 == "2019-08-31T05:31:24.042Z")
        #expect(time.httpDate == "Sat, 31 Aug 2019 05:31:24 GMT")
        #expect(time.amzDate == "20190831T053124Z")
        #expect(Timestamp(amzDate: time.amzDate)?.seconds == time.seconds)
        #expect(Timestamp(httpDate: time.httpDate)?.seconds == time.seconds)
    }

    @Test(arguments: [
        "", "20190831T053124", "20191331T053124Z", "20190831t053124Z", "2019083éT05312Z", "20190831T993124Z",
    ])
    func refuses(_ text: String) {
        #expect(Timestamp(amzDate: text) == nil)
        #expect(Timestamp(httpDate: text) == nil)
    }
}
