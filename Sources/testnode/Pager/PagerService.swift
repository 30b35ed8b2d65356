/// Answers the pager's HTTP requests: PagerDuty's Events API v2, a read side after its REST API, and a chat webhook.
struct PagerService: Sendable {
    /// PagerDuty's limit on an event, in bytes.
    static let largestEvent = 512 * 1024
    private static let mostEntries = 1000

    /// Service names by routing key.
    let services: [String: String]
    let journal: PagerJournal
    let log: JSONLog

    func answer(_ request: HTTP.Request) async -> HTTP.Response {
        let response: HTTP.Response
        do throws(PagerRefusal) {
            response = try await route(request)
        } catch {
            response = Self.response(for: error, path: request.head.path)
        }
        log.write(
            .make([
                "event": .string("access"), "program": .string("pager"), "remote": .string(request.peer),
                "method": .string(request.head.method), "path": .string(request.head.path),
                "status": .int(response.status),
            ]))
        return response
    }

    private func route(_ request: HTTP.Request) async throws(PagerRefusal) -> HTTP.Response {
        let path = request.head.path.split(separator: "/").map(String.init)
        guard let query = PercentEncoding.query(request.head.query) else {
            throw .badParameter("The query is not valid.")
        }
        switch (request.head.method, path.first, path.count) {
        case ("POST", "v2", 2) where path[1] == "enqueue": return try await enqueue(request)
        case ("GET", "incidents", 1): return try await incidents(query)
        case ("GET", "incidents", 2): return Self.json(200, ["incident": try await incident(path[1]).json])
        case ("GET", "incidents", 3) where path[2] == "alerts":
            return Self.json(200, ["alerts": .array([try await incident(path[1]).alert])])
        case ("PUT", "incidents", 2): return try await update(path[1], request)
        case ("GET", "log_entries", 1): return try await logEntries(query)
        case ("POST", "services", 2...): return try await post(to: path[1], request)
        case ("GET", "chat", 3) where path[2] == "messages": return try await messages(path[1], query)
        case ("GET", "health", 1): return HTTP.Response(200, type: "text/plain", text: "ok")
        default: throw .notFound
        }
    }

    private static func json(_ status: Int, _ pairs: KeyValuePairs<String, JSON?>) -> HTTP.Response {
        HTTP.Response(status, type: "application/json", text: JSON.make(pairs).line)
    }

    private func body(_ request: HTTP.Request) async throws(PagerRefusal) -> JSON {
        do {
            return try JSON.parse(try await request.body.collect(limit: Self.largestEvent), depth: 16)
        } catch let failure as JSONFailure {
            throw .notJSON("\(failure)")
        } catch HTTP.Failure.bodyTooLarge(let limit) {
            throw .tooLarge(limit: limit)
        } catch {
            throw .notJSON("The body ended early.")
        }
    }

    // MARK: Events

    private func enqueue(_ request: HTTP.Request) async throws(PagerRefusal) -> HTTP.Response {
        let event = try PagerEvent(try await body(request))
        guard let service = services[event.routingKey] else { throw .unknownRoutingKey }
        let dedupKey = event.dedupKey ?? RandomName.make()
        try await journal.append(
            .event(service: service, action: event.action, dedupKey: dedupKey, body: event.body))
        log.write(
            .make([
                "event": .string("page"), "program": .string("pager"), "service": .string(service),
                "action": .string(event.action.rawValue), "dedup_key": .string(dedupKey),
                "summary": event.payload["summary"], "severity": event.payload["severity"],
            ]))
        return Self.json(
            202,
            [
                "status": .string("success"), "message": .string("Event processed"), "dedup_key": .string(dedupKey),
            ])
    }

    // MARK: Incidents

    private func incident(_ id: String) async throws(PagerRefusal) -> Incident {
        guard let incident = await journal.state.incident(id) else { throw .notFound }
        return incident
    }

    private func incidents(_ query: [(name: String, value: String)]) async throws(PagerRefusal) -> HTTP.Response {
        var statuses: Set<Incident.Status> = []
        var (limit, offset) = (100, 0)
        for (name, value) in query {
            switch name {
            case "statuses[]", "statuses":
                guard let status = Incident.Status(rawValue: value) else {
                    throw .badParameter("'\(value)' is not a status: use triggered, acknowledged or resolved.")
                }
                statuses.insert(status)
            case "limit": limit = try Self.number(name, value, in: 1...Self.mostEntries)
            case "offset": offset = try Self.number(name, value, in: 0...Int(Int32.max))
            default: throw .badParameter("'\(name)' is not a parameter here: use statuses[], limit or offset.")
            }
        }
        let all = await journal.state.incidents.filter { statuses.isEmpty || statuses.contains($0.status) }
        let page = all.dropFirst(offset).prefix(limit)
        return Self.json(
            200,
            [
                "incidents": .array(page.map(\.json)), "limit": .int(limit), "offset": .int(offset),
                "total": .int(all.count), "more": .bool(offset + page.count < all.count),
            ])
    }

    private func update(_ id: String, _ request: HTTP.Request) async throws(PagerRefusal) -> HTTP.Response {
        let json = try await body(request)
        guard let wanted = json["incident"]?["status"]?.text, let status = Incident.Status(rawValue: wanted),
            status != .triggered
        else { throw .badUpdate("The body must be {\"incident\": {\"status\": \"acknowledged\" or \"resolved\"}}.") }
        if try await incident(id).status == .resolved {
            throw .badUpdate("Incident Already Resolved")
        }
        let agent = request.head.headers["from"] ?? "responder"
        try await journal.append(.update(incident: id, status: status, agent: agent))
        return Self.json(200, ["incident": try await incident(id).json])
    }

    private func logEntries(_ query: [(name: String, value: String)]) async throws(PagerRefusal) -> HTTP.Response {
        let since = try Self.since(query, name: "since_sequence")
        let state = await journal.state
        let start = state.log.partitioningIndex { $0.record.sequence > since }
        let page = state.log[start...].prefix(Self.mostEntries)
        return Self.json(
            200,
            [
                "log_entries": .array(page.map(\.json)), "last_sequence": .int(page.last?.record.sequence ?? since),
                "more": .bool(start + page.count < state.log.count),
            ])
    }

    // MARK: Chat

    private static func checkChannel(_ name: String) throws(PagerRefusal) {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
            default: false
            }
        }
        guard isPlain, (1...80).contains(name.utf8.count) else { throw .notFound }
    }

    /// A Slack incoming webhook: `POST /services/CHANNEL/...` with `{"text": ...}`.
    private func post(to channel: String, _ request: HTTP.Request) async throws(PagerRefusal) -> HTTP.Response {
        try Self.checkChannel(channel)
        let message = try await body(request)
        guard message.members != nil else { return HTTP.Response(400, type: "text/plain", text: "invalid_payload") }
        guard let text = message["text"]?.text, !text.isEmpty else {
            return HTTP.Response(400, type: "text/plain", text: "no_text")
        }
        try await journal.append(.chat(channel: channel, body: message))
        return HTTP.Response(200, type: "text/plain", text: "ok")
    }

    private func messages(
        _ channel: String, _ query: [(name: String, value: String)]
    ) async throws(PagerRefusal) -> HTTP.Response {
        try Self.checkChannel(channel)
        let since = try Self.since(query, name: "since")
        let all = await journal.state.chat[channel] ?? []
        let start = all.partitioningIndex { $0.sequence > since }
        let page = all[start...].prefix(Self.mostEntries)
        let messages = page.map { record -> JSON in
            guard case .chat(_, let body) = record.content else { return .null }
            return .make([
                "sequence": .int(record.sequence), "channel": .string(channel), "text": body["text"],
                "username": body["username"], "at": .string(record.wall.iso8601),
                "wall_ns": .int(record.wall.nanoseconds), "mono_ns": .int(record.monotonic), "message": body,
            ])
        }
        return Self.json(
            200,
            [
                "messages": .array(messages), "last_sequence": .int(page.last?.sequence ?? since),
                "more": .bool(start + page.count < all.count),
            ])
    }

    // MARK: Parameters and errors

    private static func since(_ query: [(name: String, value: String)], name: String) throws(PagerRefusal) -> Int {
        var since = 0
        for (given, value) in query {
            guard given == name else { throw .badParameter("'\(given)' is not a parameter here: use \(name).") }
            since = try number(name, value, in: 0...Int.max)
        }
        return since
    }

    private static func number(_ name: String, _ text: String, in range: ClosedRange<Int>) throws(PagerRefusal) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw .badParameter("'\(name)' must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    private static func response(for refusal: PagerRefusal, path: String) -> HTTP.Response {
        let isEvent = path.hasPrefix("/v2/")
        if path.hasPrefix("/services/"), case .notJSON = refusal {
            return HTTP.Response(400, type: "text/plain", text: "invalid_payload")
        }
        func event(_ message: String, _ errors: [String]) -> HTTP.Response {
            json(
                400,
                [
                    "status": .string("invalid event"), "message": .string(message),
                    "errors": .array(errors.map(JSON.string)),
                ])
        }
        /// An error of the REST API: code and message.
        func rest(_ status: Int, _ code: Int, _ message: String) -> HTTP.Response {
            json(status, ["error": .make(["code": .int(code), "message": .string(message)])])
        }
        return switch refusal {
        case .invalid(let errors): event("Event object is invalid", errors)
        case .notJSON(let why): isEvent ? event("Event object is invalid", [why]) : rest(400, 2001, why)
        case .unknownRoutingKey: event("Invalid routing key", ["Invalid routing key"])
        case .tooLarge(let limit): rest(413, 2001, "The body is larger than \(limit) bytes.")
        case .full: rest(429, 2020, "The pager's journal is full; start it with an empty data folder.")
        case .notFound: rest(404, 2100, "Not Found")
        case .badParameter(let why), .badUpdate(let why): rest(400, 2001, why)
        case .storage(let why): rest(500, 2000, why)
        }
    }
}
