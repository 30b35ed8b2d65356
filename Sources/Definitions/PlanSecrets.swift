extension ScriptPlan {
    /// Replaces every secret value by its name in angle brackets: for what people and reports may read.
    public mutating func hideSecrets() {
        for name in secrets where environment[name] != nil { environment[name] = "<\(name)>" }
    }
}

extension FaultPlan {
    /// Replaces every secret value in all five scripts' environments by its name.
    public mutating func hideSecrets() {
        fingerprint.hideSecrets()
        inject.hideSecrets()
        prove.hideSecrets()
        undo.hideSecrets()
        proveUndone.hideSecrets()
    }
}
