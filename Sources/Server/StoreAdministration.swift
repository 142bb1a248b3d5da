import Store

/// What commands do on the store as a whole.
package struct StoreAdministration {
    private let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    /// Brings the schema up to date.
    package func migrate() async throws {
        let store = try await settings.openStore(as: .migration)
        await store.close()
    }

    /// Seals everything with the first secret key of the settings, while nodes run; gives what to tell of it.
    package func rotateKeys(patience: Duration) async throws -> [String] {
        let store = try await settings.openStore(as: .command)
        do {
            let masters = try settings.masterKeys(storeExists: true)
            let outcome = try await KeyRotation(store, masters: masters, patience: patience).run()
            await store.close()
            return Self.lines(outcome, isAlone: masters.all.count == 1)
        } catch let fault as KeyRotation.Fault {
            await store.close()
            throw StartFault(fault.description)
        } catch {
            await store.close()
            throw error
        }
    }

    private static func lines(_ outcome: KeyRotation.Outcome, isAlone: Bool) -> [String] {
        var lines = outcome.counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.key)\t\($0.value)" }
        lines += outcome.unreadable.sorted().map { "could not be opened, and is as it was\t\($0)" }
        lines.append("Sealed anew: \(outcome.total).")
        lines.append(
            isAlone
                ? "There is one secret key. To replace it, put a new one before it (see README)."
                : "All is sealed under the first secret key: the others may be removed, from the settings of all nodes."
        )
        return lines
    }
}
