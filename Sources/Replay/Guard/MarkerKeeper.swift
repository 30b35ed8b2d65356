/// Keeps the markers of a run's hosts from expiring while the run is on, and makes sure that one outlives a long command.
///
/// A marker that did expire is not revived: the guard then refuses, which is what an expiry is for.
public actor MarkerKeeper {
    private let agents: [String: HostAgent]
    private let clock: any ReplayClock
    /// Monotonic nanoseconds until which each host's marker is known to be valid, at least.
    private var validUntil: [String: Int64] = [:]

    /// - Parameter agents: One per onboarded host, by host name.
    public init(agents: [String: HostAgent], clock: any ReplayClock) {
        self.agents = agents
        self.clock = clock
    }

    /// Makes the marker of `host` valid for longer than `duration` from now, renewing it only if it must.
    public func cover(_ duration: Duration, on host: String) async throws(AgentError) {
        let margin = Duration.seconds(30)
        let needed = clock.now() + (duration + margin).nanoseconds
        if let until = validUntil[host], until > needed { return }
        guard let agent = agents[host] else {
            throw .refused(host: host, reason: "it was not onboarded by this run")
        }
        let validity = max(GuardLimits.markerValidity, duration + margin + margin)
        let before = clock.now()
        try await agent.renewMarker(validity: validity)
        validUntil[host] = before + validity.nanoseconds
    }

    /// Renews all markers at intervals until cancelled; `failed` hears of every renewal that did not work.
    public func run(failed: @Sendable (AgentError) async -> Void) async {
        while true {
            do { try await clock.sleep(for: GuardLimits.markerRenewal) } catch { return }
            for host in agents.keys.sorted() {
                guard !Task.isCancelled else { return }
                validUntil[host] = nil
                do throws(AgentError) { try await cover(.zero, on: host) } catch { await failed(error) }
            }
        }
    }
}
