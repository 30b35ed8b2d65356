import Consensus

/// The engine's log events as lines. Operators' scripts search for `HOORAY` and `BINGO` (chains.md, block logs).
extension NodeLog {
    func write(_ event: LogEvent, committee: [Genesis.Validator]) {
        func name(_ index: ValidatorIndex) -> JSON { .string(committee[index].name) }
        switch event {
        case .hooray(let number, let view, let hash, let signers):
            block("HOORAY: consensus reached", number, view, hash, signers)
        case .bingo(let number, let view, let hash, let signers):
            block("BINGO: consensus reached", number, view, hash, signers)
        case .followed(let number, let view, let hash, let signers):
            block("block committed", number, view, hash, signers)
        case .viewChangeStarted(let number, let from, let to, let candidate, let timeout):
            write(
                .warn, "view change started",
                [
                    "blockNum": .int(number), "viewID": .int(from), "viewChangeID": .int(to),
                    "nextLeader": name(candidate), "timeoutMs": .int(timeout.wholeNanoseconds / 1_000_000),
                ])
        case .viewChangeCounted(let number, let view, let sender, let counted, let ids):
            write(
                .info, "view change message counted",
                [
                    "blockNum": .int(number), "viewChangeID": .int(view), "from": name(sender),
                    "counted": .int(counted), "viewIDs": .array(ids.map { .int($0) }),
                ])
        case .viewChangeDropped(let number, let view, let sender, let reason):
            write(
                .info, "view change message dropped: " + reason.rawValue,
                ["blockNum": .int(number), "viewChangeID": .int(view), "from": name(sender)])
        case .newViewSent(let number, let view, let ids):
            write(
                .info, "new view sent",
                ["blockNum": .int(number), "viewID": .int(view), "viewIDs": .array(ids.map { .int($0) })])
        case .newViewAccepted(let number, let view, let leader):
            write(
                .info, "new view accepted", ["blockNum": .int(number), "viewID": .int(view), "leader": name(leader)])
        case .newViewRejected(let number, let view, let leader, let reason):
            write(
                .error, "new view rejected: " + reason.rawValue,
                ["blockNum": .int(number), "viewID": .int(view), "leader": name(leader)])
        case .behind(let number, let network):
            write(.warn, "node is behind", ["blockNum": .int(number), "network": .int(network)])
        }
    }

    private func block(_ message: String, _ number: BlockNumber, _ view: ViewID, _ hash: [UInt8], _ signers: Int) {
        write(
            .info, message,
            [
                "blockNum": .int(number), "viewID": .int(view), "hash": .string("0x" + hash.hex),
                "signers": .int(signers),
            ])
    }
}
