import Consensus

/// The JSON objects of the `steem` dialect, of one moment. Accounts hold what the genesis file gives them; fields that the
/// test chain has no notion of are present with the values of a chain on which nothing happened.
struct SteemShapes: Sendable {
    /// Version of the chain's rules.
    static let hardfork = "0.23.0"
    /// The id that stands for "no block".
    static let noBlock = [UInt8](repeating: 0, count: SteemTransaction.idBytes)
    static let maximumBlockSize = 65536

    let chain: any ChainReading
    let now: ChainSnapshot

    var versionText: String { chain.settings.version ?? SteemDialect.flavour.version }
    private var genesisTime: JSON { .string(SteemTime.text(chain.genesis.time)) }

    /// A block's id as the chain shows it: its first 20 bytes.
    static func id(_ id: [UInt8]) -> JSON { .string(id.prefix(SteemTransaction.idBytes).hex) }

    var version: JSON {
        .make([
            "blockchain_version": .string(versionText), "steem_revision": .string("unknown"),
            "fc_revision": .string("unknown"), "chain_id": .string(chain.genesis.chainID.hex),
        ])
    }

    var hardforks: JSON {
        .make([
            "id": .int(0), "processed_hardforks": .array([genesisTime]), "last_hardfork": .int(23),
            "current_hardfork_version": .string(Self.hardfork), "next_hardfork": .string("0.0.0"),
            "next_hardfork_time": genesisTime,
        ])
    }

    var activeWitnesses: JSON { .array(now.schedule.map { .string($0) }) }

    func proposals(_ style: SteemStyle) -> JSON {
        .make([
            "account_creation_fee": SteemAsset(3000, .steem).json(style),
            "maximum_block_size": .int(Self.maximumBlockSize), "sbd_interest_rate": .int(0),
            "account_subsidy_budget": .int(797), "account_subsidy_decay": .int(347_321),
        ])
    }

    func properties(_ style: SteemStyle) -> JSON {
        let supply = chain.genesis.accounts.values.reduce(Int64(0)) { $0 + Int64(clamping: $1.balance) * 1000 }
        let none = SteemAsset(0, .steem).json(style)
        return .make([
            "id": .int(0), "head_block_number": .int(now.head.number),
            "head_block_id": now.head.number == 0 ? Self.id(Self.noBlock) : Self.id(now.head.id),
            "time": .string(SteemTime.text(now.head.time)), "current_witness": .string(now.head.producer),
            "total_pow": .string("0"), "num_pow_witnesses": .int(0),
            "virtual_supply": SteemAsset(supply, .steem).json(style),
            "current_supply": SteemAsset(supply, .steem).json(style), "confidential_supply": none,
            "current_sbd_supply": SteemAsset(0, .sbd).json(style),
            "confidential_sbd_supply": SteemAsset(0, .sbd).json(style), "total_vesting_fund_steem": none,
            "total_vesting_shares": SteemAsset(0, .vests).json(style), "total_reward_fund_steem": none,
            "total_reward_shares2": .string("0"),
            "pending_rewarded_vesting_shares": SteemAsset(0, .vests).json(style),
            "pending_rewarded_vesting_steem": none, "sbd_interest_rate": .int(0), "sbd_print_rate": .int(10000),
            "maximum_block_size": .int(Self.maximumBlockSize), "current_aslot": .int(now.state.slot),
            "recent_slots_filled": .string(String(now.state.recentSlots)),
            "participation_count": .int(now.state.participation),
            "last_irreversible_block_num": .int(now.irreversible.number), "vote_power_reserve_rate": .int(10),
            "delegation_return_period": .int(432_000), "reverse_auction_seconds": .int(900),
            "available_account_subsidies": .int(0), "sbd_stop_percent": .int(1000), "sbd_start_percent": .int(900),
            "next_maintenance_time": .string(SteemTime.text(now.head.time)), "last_budget_time": genesisTime,
            "content_reward_percent": .int(7500), "vesting_reward_percent": .int(1500), "sps_fund_percent": .int(0),
        ])
    }

    func schedule(_ style: SteemStyle) -> JSON {
        let count = now.schedule.count
        let round = UInt64(max(1, count))
        return .make([
            "id": .int(0), "current_virtual_time": .string("0"),
            "next_shuffle_block_num": .int((now.head.number / round + 1) * round),
            "current_shuffled_witnesses": activeWitnesses, "num_scheduled_witnesses": .int(count),
            "elected_weight": .int(1), "timeshare_weight": .int(5), "miner_weight": .int(1),
            "witness_pay_normalization_factor": .int(25), "median_props": proposals(style),
            "majority_version": .string(versionText), "max_voted_witnesses": .int(count),
            "max_miner_witnesses": .int(0), "max_runner_witnesses": .int(0),
            "hardfork_required_witnesses": .int(chain.genesis.consensus.quorum),
        ])
    }

    func witness(_ name: String, _ style: SteemStyle) -> JSON? {
        guard let index = now.state.producers.firstIndex(where: { $0.name == name }) else { return nil }
        let producer = now.state.producers[index]
        let key = producer.signingKey.isEmpty ? PublicKey.null : PublicKey(bytes: producer.signingKey)
        return .make([
            "id": .int(index), "owner": .string(producer.name), "created": genesisTime, "url": .string(producer.url),
            "votes": .string("0"), "virtual_last_update": .string("0"), "virtual_position": .string("0"),
            "virtual_scheduled_time": .string("0"), "total_missed": .int(producer.totalMissed),
            "last_aslot": .int(producer.lastSlot), "last_confirmed_block_num": .int(producer.lastBlock),
            "pow_worker": .int(0), "signing_key": .string((key ?? .null).text(.steem)), "props": proposals(style),
            "sbd_exchange_rate": .make([
                "base": SteemAsset(1000, .sbd).json(style), "quote": SteemAsset(1000, .steem).json(style),
            ]),
            "last_sbd_exchange_update": genesisTime, "last_work": .string(String(repeating: "0", count: 64)),
            "running_version": .string(producer.version.isEmpty ? "0.0.0" : producer.version),
            "hardfork_version_vote": .string("0.0.0"), "hardfork_time_vote": genesisTime,
            "available_witness_account_subsidies": .int(0),
        ])
    }

    /// Witnesses by name, from the first that is not before `from`.
    func witnessNames(from: String, limit: UInt64) -> [String] {
        let names = now.state.producers.map(\.name).sorted().drop { $0 < from }
        return Array(names.prefix(Int(clamping: limit)))
    }

    func witnesses(from: String, limit: UInt64, _ style: SteemStyle) -> [JSON] {
        witnessNames(from: from, limit: limit).compactMap { witness($0, style) }
    }
}
