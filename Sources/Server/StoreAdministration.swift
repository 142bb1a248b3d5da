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
}
