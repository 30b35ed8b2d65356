import Consensus
import Crypto

/// What the answers of nodeos look like.
extension EOSMethods {
    /// Eight hexadecimal digits that tell builds apart; nodeos takes them from its commit, we from our version text.
    private static let serverVersion =
        Array(SHA256.hash(data: Array(NodeIdentity.buildVersion.utf8)).prefix(4)).hex
    private static let emptyHash = String(repeating: "0", count: 64)
    private static let epoch = EOSText.time(nanoseconds: 0)
    /// Limits of EOSIO's default configuration: per block, and virtual ones of an idle chain, a thousand times as high.
    private static let (cpuLimit, netLimit) = (199_900, 1_048_576)
    private static let (virtualCPULimit, virtualNetLimit) = (200_000_000, 1_048_576_000)

    func info() -> JSON {
        let now = chain.snapshot
        return .make([
            "server_version": .string(Self.serverVersion), "chain_id": .string(chain.genesis.chainID.hex),
            "head_block_num": .int(now.head.number),
            "last_irreversible_block_num": .int(now.irreversible.number),
            "last_irreversible_block_id": .string(now.irreversible.id.hex),
            "head_block_id": .string(now.head.id.hex), "head_block_time": .string(time(ofSlot: now.state.slot)),
            "head_block_producer": .string(now.head.producer),
            "virtual_block_cpu_limit": .int(Self.virtualCPULimit),
            "virtual_block_net_limit": .int(Self.virtualNetLimit), "block_cpu_limit": .int(Self.cpuLimit),
            "block_net_limit": .int(Self.netLimit),
            "server_version_string": .string("v" + (chain.settings.version ?? EOSDialect.flavour.version)),
        ])
    }

    func time(ofSlot slot: UInt64) -> String {
        EOSText.time(nanoseconds: chain.genesis.consensus.time(of: slot))
    }

    func shape(of found: ChainBlock) -> JSON {
        let members =
            (header(of: found).members ?? [])
            + (JSON.make([
                "transactions": .array([]), "block_extensions": .array([]), "id": .string(found.block.id.hex),
                "block_num": .int(found.block.number),
                "ref_block_prefix": .int(EOSText.reference(prefixOf: found.block.id)),
            ]).members ?? [])
        return .object(members)
    }

    /// A signed header: the first part of a block, and a part of a header state.
    private func header(of found: ChainBlock) -> JSON {
        .make([
            "timestamp": .string(EOSText.time(nanoseconds: found.time)), "producer": .string(found.producer),
            "confirmed": .int(confirmed(by: found)), "previous": .string(found.block.header.parent.hex),
            "transaction_mroot": .string(Self.emptyHash), "action_mroot": .string(Self.emptyHash),
            "schedule_version": .int(1), "new_producers": .null, "header_extensions": .array([]),
            "producer_signature": .string(EOSText.signature(found.block.signature)),
        ])
    }

    /// How many blocks before it a block confirms; an EOSIO block counts back from itself and keeps 16 bits.
    private func confirmed(by found: ChainBlock) -> UInt64 {
        let above = found.block.header.confirmsAbove
        guard found.block.number > above else { return 0 }
        return min(found.block.number - above - 1, 0xffff)
    }

    func headerState(of found: ChainBlock, _ now: ChainSnapshot) -> JSON {
        let state = now.state.producers.first { $0.name == found.producer }
        return .make([
            "id": .string(found.block.id.hex), "block_num": .int(found.block.number), "header": header(of: found),
            "dpos_proposed_irreversible_blocknum": .int(now.state.proposedIrreversible),
            "dpos_irreversible_blocknum": .int(now.state.irreversible), "bft_irreversible_blocknum": .int(0),
            "pending_schedule_lib_num": .int(0), "pending_schedule_hash": .string(Self.emptyHash),
            "pending_schedule": .make(["version": .int(1), "producers": .array([])]),
            "active_schedule": activeSchedule(now),
            "blockroot_merkle": .make([
                "_active_nodes": .array([]), "_node_count": .int(found.block.number - min(1, found.block.number)),
            ]),
            "producer_to_last_produced": .array(
                now.state.producers.map { .array([.string($0.name), .int($0.lastBlock)]) }),
            "producer_to_last_implied_irb": .array(
                now.state.producers.map { .array([.string($0.name), .int($0.seenProposed)]) }),
            "block_signing_key": .string(EOSText.key(state?.signingKey ?? [])), "confirm_count": .array([]),
            "confirmations": .array([]),
        ])
    }

    func shape(of account: DPoSGenesis.Account, _ now: ChainSnapshot) -> JSON {
        let unlimited = JSON.make(["used": .int(-1), "available": .int(-1), "max": .int(-1)])
        func permission(_ name: String, _ parent: String) -> JSON {
            .make([
                "perm_name": .string(name), "parent": .string(parent),
                "required_auth": .make([
                    "threshold": .int(1),
                    "keys": .array([
                        .make(["key": .string(EOSText.key(account.activeKey)), "weight": .int(1)])
                    ]), "accounts": .array([]), "waits": .array([]),
                ]),
            ])
        }
        return .make([
            "account_name": .string(account.name), "head_block_num": .int(now.head.number),
            "head_block_time": .string(time(ofSlot: now.state.slot)), "privileged": .bool(false),
            "last_code_update": .string(Self.epoch), "created": .string(time(ofSlot: 0)),
            "core_liquid_balance": .string(EOSText.asset(account.balance)), "ram_quota": .int(-1),
            "net_weight": .int(-1), "cpu_weight": .int(-1), "net_limit": unlimited, "cpu_limit": unlimited,
            "ram_usage": .int(2724),
            "permissions": .array([permission("active", "owner"), permission("owner", "")]),
            "total_resources": .null, "self_delegated_bandwidth": .null, "refund_request": .null,
            "voter_info": .null,
        ])
    }

    func row(of producer: DPoS.ProducerState) -> JSON {
        .make([
            "owner": .string(producer.name), "total_votes": .string("0.00000000000000000"),
            "producer_key": .string(EOSText.key(producer.signingKey)),
            "is_active": .int(producer.signingKey.isEmpty ? 0 : 1), "url": .string(producer.url),
            "unpaid_blocks": .int(0), "last_claim_time": .int(0), "location": .int(0),
        ])
    }

    func activeSchedule(_ now: ChainSnapshot) -> JSON {
        .make([
            "version": .int(1),
            "producers": .array(
                now.state.producers.map { producer in
                    .make([
                        "producer_name": .string(producer.name),
                        "block_signing_key": .string(EOSText.key(producer.signingKey)),
                    ])
                }),
        ])
    }
}
