import Consensus

/// Blocks, accounts and the chain's constants as JSON.
extension SteemShapes {
    func header(_ block: ChainBlock) -> JSON {
        .object(headerMembers(block))
    }

    private func headerMembers(_ block: ChainBlock) -> [JSON.Member] {
        let header = block.block.header
        return JSON.make([
            "previous": Self.id(header.number == 1 ? Self.noBlock : header.parent),
            "timestamp": .string(SteemTime.text(UInt64(max(0, block.time) / 1_000_000_000))),
            "witness": .string(block.producer),
            "transaction_merkle_root": Self.id(
                block.block.transactions.isEmpty ? Self.noBlock : header.transactionsHash),
            "extensions": .array([]),
        ]).members ?? []
    }

    func block(_ block: ChainBlock, _ style: SteemStyle) -> JSON {
        let signer = RecoverableSignature(bytes: block.block.signature)?.signer(digest: block.block.id)
        var transactions: [JSON] = []
        var ids: [JSON] = []
        for (index, stored) in block.block.transactions.enumerated() {
            guard let transaction = try? SteemTransaction(signed: stored.signed, chainID: chain.genesis.chainID) else {
                continue
            }
            var members = transaction.members(style)
            members.append(.init(name: "signatures", value: .array([.string(stored.signature.hex)])))
            if style == .condenser {
                members.append(.init(name: "transaction_id", value: .string(transaction.id.hex)))
                members.append(.init(name: "block_num", value: .int(block.block.number)))
                members.append(.init(name: "transaction_num", value: .int(index)))
            }
            transactions.append(.object(members))
            ids.append(.string(transaction.id.hex))
        }
        return .object(
            headerMembers(block)
                + (JSON.make([
                    "witness_signature": .string(block.block.signature.hex), "transactions": .array(transactions),
                    "block_id": Self.id(block.block.id), "signing_key": .string((signer ?? .null).text(.steem)),
                    "transaction_ids": .array(ids),
                ]).members ?? []))
    }

    func account(_ name: String, _ style: SteemStyle) -> JSON? {
        guard let account = chain.genesis.accounts[name] else { return nil }
        let index = chain.genesis.accounts.keys.sorted().firstIndex(of: name) ?? 0
        let key = (PublicKey(bytes: account.activeKey) ?? .null).text(.steem)
        let authority = JSON.make([
            "weight_threshold": .int(1), "account_auths": .array([]),
            "key_auths": .array([.array([.string(key), .int(1)])]),
        ])
        let start = JSON.string(SteemTime.text(chain.genesis.time))
        let shares = SteemAsset(0, .vests).json(style)
        let sbd = SteemAsset(0, .sbd).json(style)
        let mana = JSON.make(["current_mana": .string("0"), "last_update_time": .int(chain.genesis.time)])
        return .make([
            "id": .int(index), "name": .string(name), "owner": authority, "active": authority, "posting": authority,
            "memo_key": .string(key), "json_metadata": .string(""), "posting_json_metadata": .string(""),
            "proxy": .string(""), "last_owner_update": start, "last_account_update": start, "created": start,
            "mined": .bool(false), "recovery_account": .string(""), "last_account_recovery": start,
            "reset_account": .string("null"), "comment_count": .int(0), "lifetime_vote_count": .int(0),
            "post_count": .int(0), "can_vote": .bool(true), "voting_manabar": mana, "voting_power": .int(0),
            "balance": SteemAsset(Int64(clamping: account.balance) * 1000, .steem).json(style),
            "savings_balance": SteemAsset(0, .steem).json(style), "sbd_balance": sbd, "sbd_seconds": .string("0"),
            "sbd_seconds_last_update": start, "sbd_last_interest_payment": start, "savings_sbd_balance": sbd,
            "savings_sbd_seconds": .string("0"), "savings_sbd_seconds_last_update": start,
            "savings_sbd_last_interest_payment": start, "savings_withdraw_requests": .int(0),
            "reward_sbd_balance": sbd, "reward_steem_balance": SteemAsset(0, .steem).json(style),
            "reward_vesting_balance": shares, "reward_vesting_steem": SteemAsset(0, .steem).json(style),
            "vesting_shares": shares, "delegated_vesting_shares": shares, "received_vesting_shares": shares,
            "vesting_withdraw_rate": shares, "next_vesting_withdrawal": .string("1969-12-31T23:59:59"),
            "withdrawn": .int(0), "to_withdraw": .int(0), "withdraw_routes": .int(0), "curation_rewards": .int(0),
            "posting_rewards": .int(0), "proxied_vsf_votes": .array([.int(0), .int(0), .int(0), .int(0)]),
            "witnesses_voted_for": .int(0), "last_post": start, "last_root_post": start, "last_vote_time": start,
            "post_bandwidth": .int(0), "pending_claimed_accounts": .int(0), "reputation": .int(0),
            "witness_votes": .array([]),
        ])
    }

    var config: JSON {
        let genesis = chain.genesis
        let count = genesis.consensus.producers.count
        let milliseconds = genesis.slot / .milliseconds(1)
        return .make([
            "IS_TEST_NET": .bool(false), "STEEM_CHAIN_ID": .string(genesis.chainID.hex),
            "STEEM_BLOCKCHAIN_VERSION": .string(versionText),
            "STEEM_BLOCKCHAIN_HARDFORK_VERSION": .string(Self.hardfork),
            "STEEM_ADDRESS_PREFIX": .string(KeyPrefix.steem.rawValue),
            "STEEM_GENESIS_TIME": .string(SteemTime.text(genesis.time)),
            // Whole seconds in the real chain; slots of a test network may be shorter.
            "STEEM_BLOCK_INTERVAL": milliseconds.truncatingRemainder(dividingBy: 1000) == 0
                ? .int(Int(milliseconds / 1000)) : .number(String(milliseconds / 1000)),
            "STEEM_MAX_WITNESSES": .int(count), "STEEM_MAX_VOTED_WITNESSES_HF17": .int(count),
            "STEEM_IRREVERSIBLE_THRESHOLD": .int(genesis.consensus.quorum * 10000 / max(1, count)),
            "STEEM_100_PERCENT": .int(10000),
            "STEEM_MAX_TIME_UNTIL_EXPIRATION": .int(SteemLimits.secondsUntilExpiration),
            "STEEM_MAX_ACCOUNT_NAME_LENGTH": .int(SteemLimits.nameBytes), "STEEM_MIN_ACCOUNT_NAME_LENGTH": .int(3),
            "STEEM_MAX_WITNESS_URL_LENGTH": .int(SteemLimits.urlBytes),
            "STEEM_MAX_BLOCK_SIZE": .int(393_216_000),
            "STEEM_INIT_PUBLIC_KEY_STR": .string(PublicKey.null.text(.steem)),
            "STEEM_NULL_ACCOUNT": .string("null"), "STEEM_SYMBOL": symbol(.steem), "SBD_SYMBOL": symbol(.sbd),
            "VESTS_SYMBOL": symbol(.vests),
        ])
    }

    private func symbol(_ symbol: SteemAsset.Symbol) -> JSON {
        .make(["nai": .string(symbol.identifier), "decimals": .int(symbol.precision)])
    }
}
