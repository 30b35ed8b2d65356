import Consensus

/// The serialisation of updates that the driver's own dialect uses.
enum PlainUpdate {
    /// The bytes that are signed: chain id, owner, key, url, expiration.
    static func encode(_ update: DPoS.Update, chainID: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.fixed(chainID)
        writer.counted(Array(update.owner.utf8))
        writer.counted(update.signingKey)
        writer.counted(Array(update.url.utf8))
        writer.integer(update.expiration)
        return writer.bytes
    }

    /// Reads what `encode` wrote for the same chain; nil for anything else.
    static func decode(_ signed: [UInt8], chainID: [UInt8]) -> DPoS.Update? {
        var reader = ByteReader(signed)
        guard (try? reader.fixed(chainID.count)) == chainID,
            let owner = try? reader.text(limit: DPoS.Limits.nameBytes),
            let key = try? reader.counted(limit: DPoS.Limits.keyBytes),
            let url = try? reader.text(limit: DPoS.Limits.urlBytes),
            let expiration = try? reader.integer(Int64.self), reader.remaining == 0
        else { return nil }
        return DPoS.Update(owner: owner, signingKey: key, url: url, expiration: expiration)
    }

    /// A transaction as text: signed bytes and signature in hexadecimal, a space between them.
    static func transaction(text: [UInt8]) -> DPoS.Transaction? {
        let words = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let signed = [UInt8](hex: words[0]), let signature = [UInt8](hex: words[1]) else {
            return nil
        }
        return DPoS.Transaction(signed: signed, signature: signature)
    }
}
